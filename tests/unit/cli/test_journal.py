"""`hedge journal`: what was done, in words; whether the record is whole; whether it gives the same desk."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest
from recorded_desk import record_desk

from hedge_tui.bootstrap.explainer import Explainer
from hedge_tui.cli import main
from hedge_tui.cli.journal_times import past_ns
from hedge_tui.config import zone
from hedge_tui.config.paths import Paths
from hedge_tui.config.settings import Settings
from hedge_tui.domain.errors import CommandError, HedgeError
from hedge_tui.engine.checkpoint import state_hash

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.engine.state import DeskState

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeskState]:
    data_dir = tmp_path_factory.mktemp("data")
    return data_dir, record_desk(data_dir / "journal", seed=4)


@pytest.fixture
def say(recorded: tuple[Path, DeskState], capsys: pytest.CaptureFixture[str], hidden_user: Path) -> Say:
    def run(*words: str, data_dir: Path = recorded[0]) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main.run(["journal", *words, "--data-dir", str(data_dir)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def rows(say: Say, *words: str) -> list[dict[str, Any]]:
    code, out, err = say("show", *words, "--json")
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_the_newest_acts_come_first_and_every_act_has_words(say: Say) -> None:
    every = rows(say, "--count", "0")
    numbers = [row["seq"] for row in every]
    assert numbers == list(range(len(numbers), 0, -1))
    assert all(row["text"] for row in every)
    assert numbers[:50] == [row["seq"] for row in rows(say)]
    assert {row["kind"] for row in every} > {"line_judged", "orders_sending", "filled", "instrument_told"}


def test_filters_leave_only_what_was_asked_for(say: Say) -> None:
    every = rows(say, "--count", "0")
    (order,) = next(r["orders"] for r in every if r["kind"] == "filled")
    story = rows(say, "--order", order, "--count", "0")
    assert {one for row in story for one in row["orders"]} >= {order}
    assert all(order in row["orders"] for row in story)
    assert story == [row for row in every if order in row["orders"]]
    number = next(row["order"] for row in story if row["order"].startswith("#"))
    assert rows(say, "--order", number, "--count", "0") == story
    assert {row["account"] for row in rows(say, "--account", "desk-2", "--kind", "reported")} == {"desk-2"}
    run = next(row["run"] for row in every if row["run"])
    own = rows(say, "--run", run, "--count", "0")
    assert "line_confirmed" in {row["kind"] for row in own}
    assert own[-1]["run"] == run
    assert rows(say, "--kind", "noted,line-judged", "--count", "3")[0]["kind"] in ("noted", "line_judged")
    code, _, err = say("show", "--kind", "nonsense")
    assert (code, "nonsense is no kind of act" in err) == (2, True)


def test_a_replay_agrees_with_the_engine_and_with_every_decision(
    say: Say, recorded: tuple[Path, DeskState]
) -> None:
    code, out, err = say("replay", "--json")
    found = json.loads(out)
    assert code == 0, (out, err)
    assert found["sound"]
    assert found["hash"] == state_hash(recorded[1]), "the engine's own state at its end"
    assert [one["same"] for one in found["checkpoints"]] == [True]
    assert found["from_checkpoint"]["hash"] == found["hash"]
    assert found["decisions"]["same"] > 20
    assert found["decisions"]["unlike"] == []
    assert "the replay is sound" in say("replay")[1]


def test_a_replay_of_another_record_does_not_agree(say: Say, tmp_path: Path) -> None:
    record_desk(tmp_path / "journal", seed=5, steps=6)
    with sqlite3.connect(tmp_path / "journal" / "journal.db") as connection:
        # The chain does not cover what the engine said of its state: only a replay can find it.
        ((seq, state),) = connection.execute("select seq, state from checkpoints").fetchall()
        other = zlib.decompress(state).replace(b"59991", b"59992", 1)
        digest = blake2b(other, digest_size=32).digest()
        connection.execute("update checkpoints set digest = ?, state = ?", (digest, zlib.compress(other)))
    connection.close()
    code, out, _ = say("replay", data_dir=tmp_path)
    assert code == 1
    assert f"act {seq}: NOT the same" in out
    assert "does NOT agree" in out


def test_the_desk_at_any_act_and_time(say: Say) -> None:
    every = rows(say, "--count", "0")
    first = next(row for row in reversed(every) if row["kind"] == "orders_intended")
    before, after = (
        json.loads(say("replay", "--at", str(seq), "--json")[1]) for seq in (first["seq"] - 1, first["seq"])
    )
    assert before["orders"] == {}
    assert after["orders"] == {"intent": len(first["orders"])}
    assert before["hash"] != after["hash"]
    words = say("replay", "--at", "2199-01-01")[1]
    assert f"after act {every[0]['seq']}" in words.replace(",", "")
    code, _, err = say("replay", "--at", "999999")
    assert (code, "there is none at 999999" in err) == (2, True)


def test_an_order_is_explained_from_the_line_to_the_last_answer(say: Say) -> None:
    every = rows(say, "--count", "0")
    (order,) = next(r["orders"] for r in every if r["kind"] == "filled")
    code, out, err = say("replay", "--explain", order[:10])
    assert code == 0, err
    for words in ("typed (", "the gate at", "allowed", "max_order_notional", "bid ", "exactly as it was then",
                  "what happened", "intended: ", " sent: ", "fill: "):  # fmt: skip
        assert words in out, words
    document = json.loads(say("replay", "--explain", order, "--json")[1])
    assert document["same"] is True
    assert document["rows"][0]["account"]
    numbers = [row["seq"] for row in document["timeline"]]
    assert numbers == sorted(numbers)
    assert say("replay", "--explain", f"run:{document['run']}")[0] == 0


def test_a_denied_line_is_explained_by_its_act(say: Say) -> None:
    denied = next(
        row for row in rows(say, "--kind", "line_judged", "--count", "0") if "denied" in row["text"]
    )
    code, out, _ = say("replay", "--explain", str(denied["seq"]))
    assert code == 0
    assert "denied (" in out
    assert "exactly as it was then" in out


@pytest.mark.parametrize("what", ["#99999", "nonsense", "abcdef0123", "999999"])
def test_what_is_not_in_the_record_is_said_so(say: Say, what: str) -> None:
    code, out, err = say("replay", "--explain", what)
    assert (code, out) == (1, "")
    assert what.lstrip("#") in err


def test_verify_names_the_first_bad_act_and_fails(say: Say, tmp_path: Path) -> None:
    assert say("verify")[0] == 0
    record_desk(tmp_path / "journal", seed=6, steps=4)
    with sqlite3.connect(tmp_path / "journal" / "journal.db") as connection:
        connection.execute("update acts set at_ns = at_ns + 1 where seq = 7")
    connection.close()
    code, out, _ = say("verify", data_dir=tmp_path)
    assert code == 1
    assert "act 7 of the journal was altered" in out
    assert json.loads(say("verify", "--json", data_dir=tmp_path)[1])["problems"]


def test_without_a_journal_every_command_says_what_to_do(say: Say, tmp_path: Path) -> None:
    for words in (("show",), ("replay",), ("replay", "--at", "1"), ("verify",)):
        code, out, err = say(*words, data_dir=tmp_path / "none")
        assert code != 0
        assert out == ""
        assert "there is no journal" in err


def test_times_are_the_traders_own() -> None:
    berlin = zone(Settings(desk=type(Settings().desk)(timezone="Europe/Berlin")))
    noon = 1_750_003_200 * 10**9  # 2025-06-15 16:00 UTC, 18:00 in Berlin
    assert past_ns("2h", noon, berlin) == noon - 7_200 * 10**9
    assert past_ns("17:00", noon, berlin) == noon - 3_600 * 10**9
    assert past_ns("19:00", noon, berlin) == noon - 23 * 3_600 * 10**9, "the last one, not the next"
    assert past_ns("2025-06-15", noon, berlin) == noon - 18 * 3_600 * 10**9
    with pytest.raises(CommandError):
        past_ns("yesterday", noon, berlin)


async def test_the_engine_asks_a_process_of_its_own_for_an_explanation(
    recorded: tuple[Path, DeskState], hidden_user: Path
) -> None:
    data_dir, state = recorded
    explainer = Explainer(Paths(data_dir / "config.toml", data_dir))
    number = next(iter(state.by_row))
    lines = await explainer.explain(f"#{number}")
    assert lines[0].startswith(f"order #{number} (")
    assert "what happened" in lines
    with pytest.raises(HedgeError, match="no order is called #99999"):
        await explainer.explain("#99999")
    with pytest.raises(HedgeError, match="no order and no line"):
        await explainer.explain("--data-dir=/")
    with pytest.raises(HedgeError, match="the longest id has 32"):
        await explainer.explain("f" * 1_000)
