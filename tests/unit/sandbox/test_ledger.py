from adapters.sandbox.ledger import Ledger


def order(ledger: Ledger, order_id: int, status: str) -> None:
    ledger.append("order", order_id, {"venue": "binance", "order_id": order_id, "status": status})


def test_rows_come_by_kind_and_in_order():
    ledger = Ledger()
    order(ledger, 1, "NEW")
    ledger.append("fill", 5, {"price": "1"})
    order(ledger, 1, "FILLED")
    assert [row["seq"] for row in ledger.rows(("order", "fill"))] == [1, 2, 3]
    assert [row["status"] for row in ledger.rows(("order",))] == ["NEW", "FILLED"]


def test_since_gives_only_what_is_newer():
    ledger = Ledger()
    for number in range(5):
        order(ledger, number, "NEW")
        ledger.append("fill", 0, {})
    assert [row["seq"] for row in ledger.rows(("fill",), since=6)] == [8, 10]
    assert ledger.rows(("fill",), since=10) == []
    assert [row["seq"] for row in ledger.rows(("order", "fill"), since=8, limit=1)] == [9]


def test_the_newest_state_of_an_order_is_kept():
    ledger = Ledger()
    order(ledger, 1, "NEW")
    order(ledger, 1, "CANCELED")
    assert ledger.orders["binance:1"]["status"] == "CANCELED"


def test_clearing_keeps_numbers_rising():
    ledger = Ledger()
    order(ledger, 1, "NEW")
    ledger.clear()
    order(ledger, 2, "NEW")
    assert [row["seq"] for row in ledger.rows(("order",))] == [2]
    assert list(ledger.orders) == ["binance:2"]
