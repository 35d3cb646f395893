"""Prompts that a template leaves in its cells, such as 请选择: they are nobody's values.

A prompt asks the person who fills in the form to choose, write or click. The grammar is closed, so
that no value is taken for one: the whole text asks, in the words of such prompts, and holds no
digit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from auditkit.doubts import Note, NoteKind
from auditkit.grid import Cell, Tables

_LONGEST = 40  # characters; a longer text that begins with 请 says more than a prompt does
_ACT = "选择|勾选|点选|选填|填写|填报|填列|填入|填上|输入|录入|补充|说明|注明|简述|描述|上传"
_HERE = "(?:在|从|于)?(?:此处|此栏|这里|本栏|下拉(?:列表|菜单|框)?|列表)(?:中|内|里)?"
_IF = "(?:如|若|未完成|未达标|有偏差|存在偏差)[^,、。;请]{0,10}[,、]?(?:的[,、]?)?"
_CLICK = "(?:单击|点击|双击|点按|轻触)(?:或(?:单击|点击|点按|轻触))?"
_PROMPT = re.compile(
    rf"(?:{_IF})?请您?(?:{_CLICK})?(?:{_HERE})?(?:{_ACT})[^。;]{{0,24}}"
    rf"|{_CLICK}(?:{_HERE}|以|可|来)(?:{_ACT})?[^。;]{{0,12}}"
    rf"|{_HERE}(?:{_ACT})[^。;]{{0,8}}"
    r"|选择一项"
    r"|(?:click|tap)(?:orclick|ortap)?(?:here)?to(?:enter|choose|select|add)[a-z]{0,20}"
    r"|(?:please)?(?:choose|select)an?(?:item|option|date)|pleaseselect|selectone",
    re.IGNORECASE,
)
_AROUND = "()[]<>{}【】〔〕《》「」-—–=_*…."  # signs that set a prompt off, on either side


def is_prompt(text: str) -> bool:
    """Tell whether a text asks to be replaced by a value.

    >>> [is_prompt(text) for text in ("请选择", "--请选择--", "(未完成请说明原因)", "选择一项。")]
    [True, True, True, True]
    >>> [is_prompt(text) for text in ("选择题正确率", "已请示领导,待批复", "请领3套", "说明会场次")]
    [False, False, False, False]
    """
    if len(text) > _LONGEST:
        return False
    bare = "".join(unicodedata.normalize("NFKC", text).split()).strip(_AROUND).rstrip("。!:")
    return bool(_PROMPT.fullmatch(bare)) and not any(map(str.isdigit, bare))


def without_prompts(tables: Tables) -> Tables:
    """Return tables in which cells that hold nothing but a prompt are blank, and a note says so."""
    said: dict[str, None] = {}

    def blanked(cell: Cell) -> Cell:
        if not is_prompt(cell.text):
            return cell
        said[cell.text] = None
        return replace(cell, text="", stored="", doubts=())

    grids = tuple(replace(g, cells=tuple(map(blanked, g.cells))) for g in tables.grids)
    if not said:
        return tables
    note = Note.of(NoteKind.PROMPTS, texts=tuple(said))
    return replace(tables, grids=grids, notes=(*tables.notes, note))
