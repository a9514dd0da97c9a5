"""Which stream records a mapping's filter lets through."""

from typing import Any

import pytest

from local.event_filter import passes

PENDING = {"dynamodb": {"NewImage": {"pending": {"N": [{"exists": True}]}}}}


def image(**attributes: Any) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": attributes, "SizeBytes": 26}}


@pytest.mark.parametrize(
    ("record", "through"),
    [
        (image(pending={"N": "1"}), True),
        (image(pending={"S": "1"}), False),
        (image(state={"S": "open"}), False),
        ({"eventName": "REMOVE", "dynamodb": {"Keys": {}}}, False),
    ],
)
def test_only_images_with_the_mark_pass(record: dict[str, Any], *, through: bool) -> None:
    assert passes([PENDING], record) is through


@pytest.mark.parametrize(
    ("rules", "value", "through"),
    [
        (["MODIFY", "INSERT"], "MODIFY", True),
        (["INSERT"], "MODIFY", False),
        ([{"prefix": "MO"}], "MODIFY", True),
        ([{"prefix": "IN"}], "MODIFY", False),
        ([{"anything-but": ["INSERT"]}], "MODIFY", True),
        ([{"anything-but": "MODIFY"}], "MODIFY", False),
        ([{"exists": False}], "MODIFY", False),
        ([None], None, True),
        ([None], "", False),
        ([1], "1", False),
        ([1], True, False),
        ([{"numeric": [">", 1, "<=", 26]}], 26, True),
        ([{"numeric": [">", 1, "<=", 26]}], 27, False),
        ([{"numeric": ["=", 26]}], "26", False),
        ([{"prefix": "IN"}, {"prefix": "MO"}], "MODIFY", True),
        (["b"], ["a", "b"], True),
    ],
)
def test_each_rule(rules: list[Any], value: Any, *, through: bool) -> None:
    assert passes([{"field": rules}], {"field": value}) is through


def test_absent_fields_match_only_their_absence() -> None:
    assert passes([{"field": [{"exists": False}]}], {})
    assert not passes([{"field": [{"anything-but": ["a"]}]}], {})
    assert not passes([{"field": [None]}], {})


def test_existing_is_for_leaves() -> None:
    assert not passes([{"dynamodb": {"NewImage": [{"exists": True}]}}], image(pending={"N": "1"}))


def test_fields_are_anded_and_patterns_are_ored() -> None:
    both = {"eventName": ["MODIFY"], **PENDING}
    assert passes([both], image(pending={"N": "1"}))
    assert not passes([both], image())
    assert passes([both, {"eventName": ["MODIFY"]}], image())
    assert passes([], image())


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(ValueError, match="cidr"):
        passes([{"field": [{"cidr": "10.0.0.0/8"}]}], {"field": "10.0.0.1"})
