import pytest

from adapters.sandbox.faults import Fault, FaultBoard, FaultKind, fault_from


def armed(**fields: object) -> FaultBoard:
    board = FaultBoard()
    board.arm(fault_from({"kind": "drop_after", **fields}))
    return board


def test_a_fault_strikes_only_what_it_is_meant_for():
    board = armed(method="POST", path="order$", account="desk-1")
    assert board.for_request("GET", "/fapi/v1/order", "desk-1") is None
    assert board.for_request("POST", "/fapi/v1/listenKey", "desk-1") is None
    assert board.for_request("POST", "/fapi/v1/order", "desk-2") is None
    assert board.for_request("POST", "/fapi/v1/order", "desk-1") is not None


def test_count_and_skip():
    board = armed(count=2, skip=1)
    hits = [board.for_request("POST", "/x", "") is not None for _ in range(5)]
    assert hits == [False, True, True, False, False]


def test_chance_is_decided_by_the_seed():
    def hits(seed: int) -> list[bool]:
        board = armed(count=None, probability=0.5, seed=seed)
        return [board.for_request("POST", "/x", "") is not None for _ in range(40)]

    assert hits(7) == hits(7)
    assert hits(7) != hits(8)
    assert 8 < sum(hits(7)) < 32


def test_handshake_faults_leave_requests_alone():
    board = FaultBoard()
    board.arm(Fault(FaultKind.WS_ACCEPT_CLOSE))
    assert board.for_request("GET", "/x", "") is None
    assert board.for_handshake("/ws", "") is not None


def test_disarming_one_or_all():
    board = FaultBoard()
    first, second = board.arm(Fault(FaultKind.STALL)), board.arm(Fault(FaultKind.DELAY))
    board.disarm(first.id)
    assert board.armed == [second]
    board.disarm()
    assert board.armed == []


@pytest.mark.parametrize(
    "raw", [{"kind": "explode"}, {"kind": "drip", "pth": "x"}, {"kind": "drip", "path": "("}]
)
def test_nonsense_is_refused(raw: dict[str, str]):
    with pytest.raises(ValueError, match=r"explode|pth|missing"):
        fault_from(raw)
