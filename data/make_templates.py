"""Make the templates of working paper and report: python data/make_templates.py.

They are ordinary Word files, ``auditkit/workpapers/workpaper.<language>.docx`` for one document
and ``report.<language>.docx`` for a whole re-check, to be copied and changed in an office program;
what names in double braces mean stands in docx.py beside them.
"""

from __future__ import annotations

import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from auditkit.files import same_bytes

FOLDER = Path(__file__).parent.parent / "auditkit" / "workpapers"
LATIN, SONG, HEI = "Times New Roman", "宋体", "黑体"
OTHER_NAMES = {SONG: "SimSun,STSong,Noto Serif CJK SC", HEI: "SimHei,STHeiti,Noto Sans CJK SC"}
DAY = datetime(1980, 1, 1)  # noqa: DTZ001, as Word has it
SHADE, RULES = "EDEFF2", "8A929B"

# English and Chinese; a line of a table is its cells, a text alone goes over all columns.
TITLE = ("Audit working paper", "审计工作底稿")
ABOUT = ("Performance self-evaluation form: {{project}}", "项目支出绩效自评表复核:{{project}}")
HEAD = (
    (("Index", "索引号"), "index", ("Attachments", "附件数量"), "attachments"),
    (("Engagement", "审计(复核)项目名称"), "engagement", None, None),
    (("Audited unit", "被审计单位"), "unit", ("Department", "主管部门"), "department"),
    (("Matter", "审计事项"), "project", None, None),
    (("Year", "年度"), "year", ("Unit of amounts", "金额单位"), "currency_unit"),
    (("Document", "审计资料"), "file", ("Place in it", "所在位置"), "place"),
    (("SHA-256", "文件 SHA-256"), "sha256", None, None),
    (("Standards", "适用标准"), "standards", None, None),
    (("Procedure", "审计过程"), "procedure", None, None),
    (("Found", "复核结果"), "counts", None, None),
    (("Rating by the standards", "按标准应评等级"), "rating", None, None),
)
FACTS = ("1  Facts, basis and questions", "一、事实、依据和询问事项")
FINDING = (
    (("What it is about", "对象"), "subject"),
    (("Fact", "事实"), "message"),
    (("Printed", "表列数"), "printed"),
    (("Recomputed", "复算数"), "recomputed"),
    (("Arithmetic", "计算过程"), "arithmetic"),
    (("Stands at", "出处"), "where"),
    (("Standards", "适用标准值"), "standards"),
    (("Basis", "依据"), "basis"),
    (("Look at first", "须先核对"), "doubts"),
    (("Not counted", "不计入的理由"), "suppressed"),
    (("Question to the unit", "询问事项"), "question"),
    (("Auditor's decision", "审计处理意见"), "decision"),
)
LEFT = ("2  Not judged, or not read surely", "二、未作判断和未读准的内容")
OPEN = (
    (("Rules left open", "未判断的规则"), "open"),
    (("Not read surely", "未读准的内容"), "unsure"),
    (("Notes of the reader", "读取说明"), "notes"),
)
CONCLUSION = ("3  Conclusion", "三、审计结论")
OPINION = ("Reviewer's opinion", "审核意见")
SIGNING = (
    (("Prepared by", "编制人"), "prepared_by", ("Date", "日期"), "prepared_on"),
    (("Reviewed by", "复核人"), "reviewed_by", ("Date", "日期"), "reviewed_on"),
)
FIGURES = ("Annex: recomputed figures", "附:复算表")
FIGURE = (
    (("About", "对象"), "subject"),
    (("Figure", "数据"), "figure"),
    (("Printed", "表列"), "printed"),
    (("Recomputed", "复算"), "recomputed"),
    (("Difference", "差额"), "difference"),
    (("Arithmetic", "计算过程"), "arithmetic"),
    (("Agreement", "是否相符"), "agreement"),
)
LEGEND = (
    "Numbers are those of the marks in annotated.pdf. E error, W warning, N note, R to be looked at"
    " by a person first. (?) stands before what was not read surely.",
    "编号与 annotated.pdf 中的标记一致:E 错误,W 警告,N 提示,R 须由审计人员先核对原件。"
    "(?)表示未读准的内容。",
)
REPORT = ("Report on the re-check of self-evaluations", "项目支出绩效自评复核报告")
BASICS = ("1  What was reviewed", "一、基本情况")
DEPARTMENT = (
    (("Department", "主管部门"), "name"),
    (("Forms", "自评表数"), "forms"),
    (("Budgeted, 万元", "全年预算数(万元)"), "budget"),
    (("Spent, 万元", "全年执行数(万元)"), "outturn"),
    (("Mean own score", "平均自评得分"), "own"),
    (("Errors", "错误"), "errors"),
    (("Warnings", "警告"), "warnings"),
)
DONE = ("2  How it was reviewed", "二、复核工作开展情况")
RESULTS = ("3  Results", "三、复核结果")
LINE = (
    (("No.", "序号"), "number"),
    (("Project", "项目名称"), "project"),
    (("Unit", "实施单位"), "unit"),
    (("Own score", "自评得分"), "own"),
    (("Review score", "复核得分"), "review"),
    (("Deviation", "偏差"), "off"),
    (("Main reasons", "主要偏差原因"), "reasons"),
)
CLASS = (
    (("Deviation", "偏差"), "name"),
    (("Forms", "自评表数"), "forms"),
    (("Share", "占比"), "share"),
)
PROBLEMS = ("4  Problems and recommendations", "四、主要问题及建议")
PROBLEM = (
    (("Where", "涉及范围"), "spread"),
    (("Examples", "举例"), "examples"),
    (("Recommendation", "处理建议"), "advice"),
    (("Basis", "依据"), "basis"),
)
ACROSS = ("5  Between the reports", "五、表间问题")
ACROSS_ROW = (
    (("No.", "序号"), "number"),
    (("Degree", "等级"), "kind"),
    (("Problem", "问题"), "title"),
    (("What was found", "发现的情况"), "message"),
)
SAMPLING = ("6  Sampling, and what this report does not say", "六、抽样情况和本报告的局限")
FAILED = ("Annex: files that could not be read", "附:未能读取的文件")
FAILURE = (
    (("File", "文件"), "file"),
    (("Why", "原因"), "why"),
    (("What to do", "处理办法"), "advice"),
)
LETTER = ("Letter of inquiry", "自评复核询问函")
TO = ("To {{unit}}", "{{unit}}:")
ASKS = (
    "In the re-check of the self-evaluation of {{project}} ({{year}}) the points below were found. "
    "Please explain each of them in the last column, hand in what proves it, and return this "
    "letter, sealed.",
    "在对你单位“{{project}}”({{year}}年度)项目支出绩效自评的复核中,发现下列事项需要说明。"
    "请逐项填写说明,附相关佐证资料,加盖公章后退回。",
)
ASKED = (
    (("No.", "序号"), "number"),
    (("What was found", "发现的情况"), "found"),
    (("Question", "询问事项"), "question"),
    (("Explanation of the unit", "单位说明"), "answer"),
)
SENT = (
    (("To be returned by", "退回期限"), "blank", ("Reviewers", "复核组"), "blank"),
    (("Unit, seal", "单位(盖章)"), "blank", ("Date", "日期"), "blank"),
)
PAGE = (("page ", " of ", ""), ("第 ", " 页,共 ", " 页"))


def write(lang: str) -> bytes:
    """Return the template in a language, ``en`` or ``zh``, the same bytes in every run."""
    at = ("en", "zh").index(lang)
    book = Document()
    for part in [part for part in book.element.body if part.tag != qn("w:sectPr")]:
        book.element.body.remove(part)
    _dress(book, lang)
    _text(book, TITLE[at], Pt(18), HEI, centred=True)
    _text(book, ABOUT[at], Pt(11), SONG, centred=True)
    _text(book, "{{certainty}}", Pt(11), HEI, centred=True)
    _table(book, [[_of(cell, at) for cell in row] for row in HEAD], (3.0, 5.6, 3.2, 5.2))
    _head(book, FACTS[at])
    _text(book, "{{nothing}}")
    rows = [[label[at], f"{{{{finding.{name}}}}}"] for label, name in FINDING]
    heading = ["{{finding.number}}  {{finding.rule}} [{{finding.kind}}]", None]
    _table(book, [heading, *rows], (3.0, 14.0), first="heading")
    _text(book, "{{finding.end}}", Pt(4))
    _head(book, LEFT[at])
    _table(book, [[label[at], f"{{{{{name}}}}}"] for label, name in OPEN], (3.0, 14.0))
    _head(book, CONCLUSION[at])
    table = _table(book, [["{{conclusion}}"]], (17.0,), labels=())
    table.rows[0].height, table.rows[0].height_rule = Cm(2.4), WD_ROW_HEIGHT_RULE.AT_LEAST
    _kept_together(table)
    _text(book, "", Pt(4)).paragraph_format.keep_with_next = True
    table = _table(book, [[OPINION[at], "{{opinion}}"]], (3.0, 14.0))
    table.rows[0].height, table.rows[0].height_rule = Cm(1.6), WD_ROW_HEIGHT_RULE.AT_LEAST
    _kept_together(table)
    _text(book, "", Pt(4)).paragraph_format.keep_with_next = True
    table = _table(book, [[_of(cell, at) for cell in row] for row in SIGNING], (3.0, 6.5, 2.0, 5.5))
    for row in table.rows:
        row.height, row.height_rule = Cm(0.9), WD_ROW_HEIGHT_RULE.AT_LEAST
    _kept_together(table)
    _text(book, LEGEND[at], Pt(9), SONG, RGBColor(0x59, 0x63, 0x6E))
    _head(book, FIGURES[at])
    rows = [[label[at] for label, _ in FIGURE], [f"{{{{figure.{name}}}}}" for _, name in FIGURE]]
    _table(book, rows, (3.1, 1.8, 2.5, 2.5, 2.2, 3.0, 1.9), first="head", labels=(), size=Pt(8.5))
    return _saved(book)


def write_report(lang: str) -> bytes:
    """Return the template of the report on a whole re-check, the same bytes in every run."""
    at = ("en", "zh").index(lang)
    book = Document()
    for part in [part for part in book.element.body if part.tag != qn("w:sectPr")]:
        book.element.body.remove(part)
    _dress(book, lang, REPORT, "years")
    _text(book, REPORT[at], Pt(18), HEI, centred=True)
    _text(book, "{{scope}}", Pt(11), SONG, centred=True)
    _head(book, BASICS[at])
    _text(book, "{{basics}}")
    _list(book, DEPARTMENT, "department", (4.6, 1.6, 2.9, 2.9, 2.0, 1.5, 1.5), at)
    _head(book, DONE[at])
    for name in ("inputs", "method"):
        _text(book, f"{{{{{name}}}}}")
    _head(book, RESULTS[at])
    _text(book, "{{results}}")
    _list(book, LINE, "line", (1.0, 4.2, 3.3, 1.5, 1.5, 1.3, 4.2), at)
    _text(book, "", Pt(4))
    _list(book, CLASS, "class", (9.0, 4.0, 4.0), at)
    _head(book, PROBLEMS[at])
    rows = [[label[at], f"{{{{problem.{name}}}}}"] for label, name in PROBLEM]
    heading = ["{{problem.number}}  {{problem.rule}} {{problem.title}} [{{problem.kind}}]", None]
    _table(book, [heading, *rows], (2.6, 14.4), first="heading")
    _text(book, "{{problem.end}}", Pt(4))
    _head(book, ACROSS[at])
    _text(book, "{{between}}")
    _list(book, ACROSS_ROW, "across", (1.0, 1.6, 5.4, 9.0), at)
    _head(book, SAMPLING[at])
    _text(book, "{{sampling}}")
    for text, size in (("{{limits}}", None), ("", Pt(8))):  # signatures stand below something
        _text(book, text, size).paragraph_format.keep_with_next = True
    signing = [
        [label[at] if isinstance(label, tuple) else "{{blank}}" for label in row] for row in SIGNING
    ]
    table = _table(book, signing, (3.0, 6.5, 2.0, 5.5))
    for row in table.rows:
        row.height, row.height_rule = Cm(0.9), WD_ROW_HEIGHT_RULE.AT_LEAST
    _kept_together(table)
    _head(book, FAILED[at])
    _text(book, "{{missing}}")
    _list(book, FAILURE, "failure", (4.5, 6.5, 6.0), at)
    return _saved(book)


def write_letter(lang: str) -> bytes:
    """Return the template of the letter to a unit about one form, the same bytes in every run."""
    at = ("en", "zh").index(lang)
    book = Document()
    for part in [part for part in book.element.body if part.tag != qn("w:sectPr")]:
        book.element.body.remove(part)
    _dress(book, lang, LETTER, "years")
    _text(book, LETTER[at], Pt(18), HEI, centred=True)
    for text in (TO[at], ASKS[at]):
        _text(book, text, Pt(11))
    _text(book, "", Pt(4))
    _list(book, ASKED, "asked", (1.2, 6.4, 5.0, 4.4), at)
    _text(book, "", Pt(8))
    table = _table(book, [[_of(cell, at) for cell in row] for row in SENT], (3.0, 6.0, 2.5, 5.5))
    for row in table.rows:
        row.height, row.height_rule = Cm(0.9), WD_ROW_HEIGHT_RULE.AT_LEAST
    _kept_together(table)
    return _saved(book)


def _list(book: Any, columns: Any, group: str, widths: Any, at: int) -> None:
    """Add a table with a head and a row for each of a group."""
    rows = [[label[at] for label, _ in columns], [f"{{{{{group}.{n}}}}}" for _, n in columns]]
    _table(book, rows, widths, first="head", labels=(), size=Pt(9))


def _kept_together(table: Any) -> None:
    """Keep a table on one page, and with what follows it."""
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _saved(book: Any) -> bytes:
    rels = book.part.package.rels  # the picture of a page of python-docx's own template
    for key in [key for key, rel in rels.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del rels[key]
    whole = BytesIO()
    book.save(whole)
    return same_bytes(whole.getvalue())


def _of(cell: Any, at: int) -> str | None:
    return cell[at] if isinstance(cell, tuple) else cell and f"{{{{{cell}}}}}"


def _dress(book: Any, lang: str, title: Any = TITLE, beside: str = "file") -> None:
    """Set paper, types with their other names, header and footer, and fixed properties."""
    part = book.sections[0]
    part.page_width, part.page_height = Cm(21), Cm(29.7)
    part.left_margin = part.right_margin = part.top_margin = part.bottom_margin = Cm(2)
    part.header_distance = part.footer_distance = Cm(1)
    for fonts in book.styles.element.iter(qn("w:rFonts")):
        for name in [name for name in fonts.attrib if name.endswith("Theme")]:
            del fonts.attrib[name]
    normal = book.styles["Normal"]
    normal.font.size, normal.font.name = Pt(10), LATIN
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), SONG)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = Pt(15)  # the same for lines of either script
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.rPr.append(language)
    table = next(rel.target_part for rel in book.part.rels.values()
                 if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE)  # fmt: skip
    named = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, other in OTHER_NAMES.items()
    )
    table._blob = table.blob.replace(b"</w:fonts>", f"{named}</w:fonts>".encode())
    at = ("en", "zh").index(lang)
    header, footer = part.header.paragraphs[0], part.footer.paragraphs[0]
    _run(header, f"{title[at]}  ·  {{{{{beside}}}}}", Pt(9))
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, behind = PAGE[at]
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (behind, "")):
        _run(footer, text, Pt(9))
        if field:
            _field(footer, field)
    about = book.core_properties
    about.title, about.author, about.comments, about.last_modified_by = (
        title[at],
        "auditkit",
        "",
        "",
    )
    about.created = about.modified = DAY
    about.revision, about.language = 1, {"en": "en-US", "zh": "zh-CN"}[lang]


def _field(paragraph: Any, name: str) -> None:
    for kind in ("begin", name, "separate", "1", "end"):
        run = _run(paragraph, "1" if kind == "1" else "", Pt(9))
        if kind == "1":
            continue
        part = OxmlElement("w:instrText" if kind == name else "w:fldChar")
        if kind == name:
            part.text = name
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _run(paragraph: Any, text: str, size: Any = None, font: str = SONG, colour: Any = None) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb, run.bold = size, colour, font == HEI or None
    if font != SONG:
        run.font.name = LATIN
        run._r.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run


def _text(
    book: Any,
    text: str,
    size: Any = None,
    font: str = SONG,
    colour: Any = None,
    *,
    centred: bool = False,
) -> Any:
    paragraph = book.add_paragraph()
    _run(paragraph, text, size, font, colour)
    paragraph.paragraph_format.line_spacing = size and Pt(round(1.4 * size.pt))
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(4)
    return paragraph


def _head(book: Any, text: str) -> None:
    paragraph = _text(book, text, Pt(12), HEI)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(10), Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _table(
    book: Any, rows: Any, widths: Any, *, first: str = "", labels: Any = (0, 2), size: Any = None
) -> Any:
    """Add a table; ``None`` in a row joins a cell to the one before it."""
    table = book.add_table(len(rows), len(widths), "Table Grid")
    table.autofit = False
    for border in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders = table._tbl.tblPr.find(qn("w:tblBorders"))
        if borders is None:
            borders = OxmlElement("w:tblBorders")
            table._tbl.tblPr.append(borders)
        edge = OxmlElement(f"w:{border}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", RULES)):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        is_first = bool(first) and number == 0
        marks = ["w:cantSplit"] if first else []
        for mark in (*marks, *(["w:tblHeader"] if is_first and first == "head" else [])):
            row._tr.get_or_add_trPr().append(OxmlElement(mark))
        for at, (text, width) in enumerate(zip(texts, widths, strict=True)):
            cell = row.cells[at]
            cell.width = Cm(width)
            if text is None:
                continue
            paragraph = cell.paragraphs[0]
            is_label = is_first or at in labels
            _run(paragraph, text, size, HEI if is_first else SONG)
            is_kept = is_first or (first == "heading" and number < len(rows) - 1)
            paragraph.paragraph_format.keep_with_next = is_kept or None
            paragraph.paragraph_format.line_spacing = size and Pt(round(1.4 * size.pt))
            if is_label:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), SHADE)
                cell._tc.get_or_add_tcPr().append(shade)
        filled = [at for at, text in enumerate(texts) if text is not None]
        if len(filled) < len(texts):
            row.cells[filled[-1]].merge(row.cells[-1])
    return table


if __name__ == "__main__":
    for lang in ("en", "zh"):
        makers = {"workpaper": write, "report": write_report, "letter": write_letter}
        for name, make in makers.items():
            path = FOLDER / f"{name}.{lang}.docx"
            path.write_bytes(make(lang))
            sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KiB\n")
