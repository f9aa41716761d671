"""No cell of a CSV file that leaves is run as a formula."""

import pytest

from chassis.spreadsheet import csv_text, inert


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋33", "－2", "＠SUM(A1)"]
)
def test_no_cell_of_a_report_runs_as_a_formula(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert inert("Martin & Fils (=)") == "Martin & Fils (=)"


def test_each_cell_of_a_file_is_made_inert() -> None:
    assert csv_text([["a", "=1+1"], ["é;b", '"c"']]) == 'a;\'=1+1\r\n"é;b";"""c"""\r\n'
