"""The ledger as a spreadsheet that Excel and WPS open: row by row, never whole in memory.

Everything that is no date and no number is text and stays text. What stands in the rows is
issues/ledger.py's business.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from files.sheets import MOST_IN_CELL, RISKY, put_text
from issues.ledger import Cell

SHEET = "三单式台账"
CUT = "…（太长，未列完）"
DATE = "yyyy-mm-dd hh:mm"
#: Above the rows: who exported it, and the names of the columns.
HEADER_ROWS = 2
RED, GREY = "C00000", "D9E1F2"


def write(
    path: Path,
    columns: Mapping[str, int],
    rows: Iterable[list[Cell]],
    *,
    mark: str,
    red: bool = False,
) -> int:
    """Write the rows under the watermark ``mark``; how many there were."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(SHEET)
    _shape(sheet, columns, mark)
    sheet.append([_styled(sheet, mark, font=Font(bold=True, color=RED if red else None))])
    sheet.append([_heading(sheet, name) for name in columns])
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    last = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A{HEADER_ROWS}:{last}{HEADER_ROWS + count}"
    book.save(path)
    return count


def _shape(sheet: Any, columns: Mapping[str, int], mark: str) -> None:
    """What has to be said before the first row."""
    for index, width in enumerate(columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = f"B{HEADER_ROWS + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"1:{HEADER_ROWS}"
    sheet.oddHeader.center.text = mark.replace("&", "&&")
    sheet.oddFooter.center.text = f"{mark.replace('&', '&&')}  &P/&N"


def _heading(sheet: Any, name: str) -> Any:
    fill = PatternFill("solid", fgColor=GREY)
    align = Alignment(wrap_text=True, vertical="center")
    return _styled(sheet, name, font=Font(bold=True), fill=fill, alignment=align)


def _styled(sheet: Any, text: str, **style: Any) -> Any:
    cell = _text_cell(sheet, _clean(text))
    for name, value in style.items():
        setattr(cell, name, value)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    """The value as it is, or a cell that says how it is meant."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = _clean(value)
        return _text_cell(sheet, text) if text.startswith(RISKY) else text
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = DATE
    return cell


def _text_cell(sheet: Any, text: str) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    put_text(cell, text)
    return cell


def _clean(text: str) -> str:
    """Without control characters and lone surrogates, and no longer than a cell may be."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text).replace("\r", "")
    text = text.encode("utf-8", "ignore").decode("utf-8").lstrip("\t")
    return text if len(text) <= MOST_IN_CELL else text[: MOST_IN_CELL - len(CUT)] + CUT
