"""What is personal leaves no trace in what is handed on, and no figure is lost with it."""

from __future__ import annotations

import html
import io
import json
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image
from producers import page as html_page
from producers import print_page
from pypdf import PdfReader, PdfWriter
from samples import FOLDER, papers_in

from auditkit.cli import main
from auditkit.decisions.events import Decision
from auditkit.decisions.log import Log
from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.findings import Severity, Suppression
from auditkit.grid import Box, Document, How
from auditkit.redaction import MASK, Redaction, personal
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, redacted, review
from auditkit.wording import LabelPath, Statement, Term, put
from auditkit.workpapers import write_workpapers
from auditkit.workpapers.folders import form_name
from auditkit.workpapers.html import page
from reports import judged, report

SAMPLES = sorted(path for path in FOLDER.glob("*/*") if path.suffix != ".toml")
PERSONAL = ("魏无咎", "沈 括", "欧阳惜", "13912345678", "0716-3356789", "wei@example.cn")
NUMBER, CARD = "11010519491231002X", "6222021234567890128"  # with right check digits
FORM = {
    "project": "测试项目",
    "year": "2023",
    "extra": {
        "项目负责人": "魏无咎",
        "联系电话": "13912345678",
        "填报人及联系方式": "欧阳惜 0716-3356789",
        "项目编码": "13800138000",
    },
    "goals": ("魏无咎牵头,审核人:沈 括", f"身份证{NUMBER};卡号{CARD};wei@example.cn"),
    "budget": """
name  | adjusted_budget | outturn     | points | execution_rate | score
total | 13912345670.00  | 13800138001 | 10     | 90%            | 10
""",
    "indicators": """
dimension | name       | target         | actual  | points | score | explanation
产出指标  | 魏无咎工作室 | 13911111111元 | 80%     | 10     | 10    | 见魏无咎说明
""",
}


def blank() -> Redaction:
    return Redaction(frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系人:张三 电话:87654321", "联系人:■■■ 电话:■■■"),
        ("填报人:张三、李四,日期", "填报人:■■■,日期"),
        ("审核人(签字):钱 六 日期2023", "审核人(签字):■■■ 日期2023"),
        ("负责人:买买提·艾力 单位", "负责人:■■■ 单位"),
        ("联系人张三丰,13800138000", "联系人■■■,■■■"),
        ("负责人:张三,按时完成,审核", "负责人:■■■,按时完成,审核"),
        ("负责人:项目管理的落实情况", "负责人:项目管理的落实情况"),
        ("手机138 0013 8000", "手机■■■"),
        ("拨打027-87654321转802咨询", "拨打■■■咨询"),
        ("(0371)65506114", "■■■"),
        (f"证件{NUMBER}", "证件■■■"),
        ("证件110105194912310021", "证件110105194912310021"),  # the check digit is wrong
        ("证件130503670401001", "证件■■■"),
        (f"账户{CARD}", "账户■■■"),
        (f"转入{CARD}", "转入■■■"),
        ("流水6222021234567890129", "流水6222021234567890129"),  # the check digit is wrong
        ("邮箱wei.wu@mail.example.cn", "邮箱■■■"),
        ("资金13800138000元,人均13800138000.50", "资金13800138000元,人均13800138000.50"),
        ("补助13800138000 元", "补助13800138000 元"),
        ("财预〔2020〕10号,GB/T 2260-2007", "财预〔2020〕10号,GB/T 2260-2007"),
        ("项目编码:13800138000", "项目编码:13800138000"),
        ("统一社会信用代码91420100MA4KXXXX0X", "统一社会信用代码91420100MA4KXXXX0X"),
        ("2023-0123-45678901", "2023-0123-45678901"),
        ("电话费12000000元", "电话费12000000元"),
    ],
)
def test_what_is_personal_in_a_text_is_masked_and_nothing_else(text: str, masked: str) -> None:
    assert blank().masked(text) == masked


@dataclass(frozen=True, slots=True)
class Made:
    """A kind of value that redaction has not heard of, with fields of any names."""

    arithmetic: str
    sha256: str
    terms: tuple[object, ...]


@pytest.mark.parametrize(
    ("thing", "masked"),
    [
        ("见13912345678", "见■■■"),
        (Term("魏无咎"), Term("魏无咎")),  # a word of our own is no person
        (Severity.NOTE, Severity.NOTE),
        (Decimal("13912345678"), Decimal("13912345678")),
        (date(2024, 1, 2), date(2024, 1, 2)),
        (LabelPath("indicator/魏无咎/target"), LabelPath("indicator/■■■/target")),
        (Statement.of(Severity.NOTE, who="魏无咎"), Statement.of(Severity.NOTE, who="■■■")),
        (Document("a" * 64, "魏无咎.pdf"), Document("a" * 64, "■■■.pdf")),
        (Made("魏无咎", "魏无咎", ({"a": "魏无咎"}, 1)), Made("■■■", "■■■", ({"a": "■■■"}, 1))),
        (["魏无咎", None], ["■■■", None]),
    ],
    ids=str,
)
def test_a_value_is_masked_by_its_kind_and_never_by_the_name_of_its_field(
    thing: object, masked: object
) -> None:
    made = replace(blank(), names=frozenset({"魏无咎"})).applied(thing)
    assert (type(made), made) == (type(masked), masked)


def test_a_decision_keeps_what_it_is_known_by_and_loses_who_is_named() -> None:
    event = Decision("finding", "key", document="1" * 64, note="问魏无咎", auditor="魏无咎")
    event = replace(event, digest="13912345678", evidence_sha256="13912345678")
    masked = replace(blank(), names=frozenset({"魏无咎"})).applied(event)
    assert masked == replace(event, note="问■■■", auditor="■■■")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_figure_of_any_sample_is_masked(path: Path) -> None:
    for plain, masked in zip(review(path), review(path, Terms(redact=True)), strict=True):
        pairs = zip(plain.report.entries(), masked.report.entries(), strict=True)
        assert [a.path for a, b in pairs if a.text != b.text] == []
        shown = [replace(finding, known_as=None) for finding in masked.findings]
        assert shown == list(plain.findings)
        assert masked.figures == plain.figures


def test_figures_and_codes_stay_even_where_they_look_like_telephones() -> None:
    masked = judged(report(FORM), Terms(redact=True))
    texts = {entry.path: entry.text for entry in masked.report.entries()}
    assert texts["budget/total/adjusted_budget"] == "13912345670.00"
    assert texts["budget/total/outturn"] == "13800138001"
    assert texts["extra/项目编码"] == "13800138000"
    assert [t for p, t in texts.items() if p.endswith("/target")] == ["13911111111元"]
    rate = next(figure for figure in masked.figures if figure.name == "execution rate")
    assert rate.arithmetic.startswith("13800138001 / 13912345670.00")


def test_what_doubts_and_notes_quote_of_a_form_is_masked() -> None:
    mask = personal([report(FORM)])
    path = LabelPath("indicator/魏无咎工作室/score")
    said = (
        Doubt.of(DoubtKind.NOT_SURELY_RECOGNISED, text="13912345678"),
        Doubt.of(DoubtKind.NOT_READ, path=path, how=How.INFERRED),
        Note.of(NoteKind.GROUPS_WITHOUT_ROWS, groups=("沈 括", "产出指标")),
        Note.of(NoteKind.ACTIVE_CONTENT, what=(Term("macros"),)),
    )
    masked = [put(one, "en") for one in mask.applied(said)]
    assert masked[0] == f"recognition is not sure of {MASK}"
    assert masked[1] == f"indicator/{MASK}工作室/score is inferred, not read"
    assert masked[2].endswith(f"{MASK}, 产出指标")
    assert "macros" in masked[3]


def test_findings_keep_their_keys_so_that_decisions_find_them(tmp_path: Path) -> None:
    plain, masked = (judged(report(FORM), Terms(redact=redact)) for redact in (False, True))
    assert [(f.key, f.state) for f in masked.findings] == [(f.key, f.state) for f in plain.findings]
    log = Log(tmp_path / "log.sqlite")
    log.record(plain.findings[0], "confirmed", "asked 魏无咎", "Auditor")
    assert [standing for _, standing in log.standing(masked.findings)] == ["current"]


def test_no_output_holds_what_is_personal(tmp_path: Path) -> None:
    reviews = (judged(report(FORM | {"name": "魏无咎13912345678.xlsx"})),)
    log = Log(tmp_path / "log.sqlite")
    log.record(reviews[0].findings[0], "confirmed", "asked 魏无咎, 13912345678", "Auditor")
    plain = write_workpapers(reviews, tmp_path / "plain", log=log)[2].read_text("utf-8")
    assert [one for one in (*PERSONAL, NUMBER, CARD) if one not in plain] == []
    for path in write_workpapers(reviews, tmp_path / "out", log=log, redact=True):
        data = path.read_bytes()
        if path.suffix in (".xlsx", ".docx"):
            with ZipFile(path) as book:
                data = b"".join(book.read(name) for name in book.namelist())
        text = html.unescape(data.decode())
        assert [one for one in (*PERSONAL, NUMBER, CARD) if one in text] == []
        assert MASK in text
        assert "redact" in text
    assert json.loads((tmp_path / "out" / "review.json").read_text("utf-8"))["reviews"][0][
        "redacted"
    ]


def test_reviews_that_are_redacted_stay_as_they_are() -> None:
    once = (judged(report(FORM), Terms(redact=True)),)
    assert redacted(once) == once


def test_forms_that_were_masked_alone_are_masked_together_where_they_are_written(
    tmp_path: Path,
) -> None:
    second = {"project": "另一个项目", "goals": ("魏无咎表示已完成", "100%"), "name": "form"}
    forms = (report(FORM), report(second))
    suppressed = (Suppression("EX-01", "asked 魏无咎 13912345678", "*"),)
    terms = Terms(redact=True, suppressions=suppressed)
    alone = tuple(judged(form, terms) for form in forms)
    assert "魏无咎" in str(alone[1].report.goals)  # what its form alone does not tell
    for masked in redacted(alone):
        assert "魏无咎" not in str((masked.report, masked.findings, masked.terms.suppressions))
    for path in write_workpapers(alone, tmp_path):
        data = path.read_bytes()
        if path.suffix in (".xlsx", ".docx"):
            with ZipFile(path) as book:
                data = b"".join(book.read(name) for name in book.namelist())
        assert [one for one in PERSONAL if one in html.unescape(data.decode())] == [], path.name


def test_why_and_where_findings_are_suppressed_is_masked_and_still_verified(
    printed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file, out = tmp_path / "魏无咎.pdf", tmp_path / "魏无咎.toml", tmp_path / "out"
    path.write_bytes(printed.read_bytes())
    said = 'rule = "CP-01"\nreport = "魏无咎*"\nreason = "asked 魏无咎 13912345678"\n'
    file.write_text(f"[[suppress]]\n{said}", encoding="utf-8")
    given = ("--redact", "--suppress", str(file), "--out", str(out), "--format", "json")
    assert main(["review", str(path), *given]) == 0
    (one,) = json.loads(capsys.readouterr().out)["reviews"]
    assert {f["suppressed"] for f in one["findings"] if f["rule"] == "CP-01"} == {"asked ■■■ ■■■"}
    papers = papers_in(out)
    whole = (papers / "manifest.json").read_text("utf-8")
    assert [name for name in PERSONAL if name in whole] == []
    assert main(["verify", str(papers), "--input", str(path)]) == 0


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    row = "<tr>" + "<td>{}</td>" * 7 + "</tr>"
    rows = (
        "<tr><td>项目名称</td><td colspan=6>测试项目</td></tr>"
        "<tr><td>项目负责人</td><td colspan=2>魏无咎</td><td>联系电话</td>"
        "<td colspan=3>13912345678</td></tr>",
        row.format(
            "项目资金(万元)", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"
        ),
        row.format("年度资金总额", "100", "100", "90", "10", "90%", "10"),
        row.format("一级指标", "二级指标", "三级指标", "指标值", "完成值", "分值", "得分"),
        row.format("产出指标", "数量指标", "培训人次", "≥50人次", "50人次", "90", "90"),
        row.format("总分", "", "", "", "", "100", "100"),
    )
    body = f"<h1>项目支出绩效自评表</h1><p>(2023年度)</p><table>{''.join(rows)}</table>"
    path = tmp_path_factory.mktemp("printed") / "form.pdf"
    print_page(html_page(f"{body}<p>填表人:欧阳惜  电话:0716-3356789 {NUMBER}</p>"), path)
    return path


def picture(reviews: tuple[Review, ...], path: Path) -> Image.Image:
    text = page(reviews, path.read_bytes())
    data = re.findall(r'href="data:image/png;base64,(.*?)"', text)
    return Image.open(io.BytesIO(b64decode(data[0])))


def darkness(image: Image.Image, box: Box, scale: float) -> float:
    """Return the share of black in a box, its edges left out."""
    left, top, right, bottom = (
        round(side * scale) for side in (box.left + 3, box.top + 3, box.right - 3, box.bottom - 3)
    )
    part = image.convert("L").crop((left, top, right, bottom))
    return sum(part.histogram()[:64]) / (part.width * part.height)


def places(form: Report) -> dict[str, Box]:
    cells = [(entry.path, entry.cells[0].place) for entry in form.entries() if entry.cells]
    return {path: place for path, place in cells if isinstance(place, Box)}


@pytest.mark.parametrize("turn", [0, 90])
def test_pictures_of_pages_are_black_where_something_personal_stands(
    printed: Path, turn: int, tmp_path: Path
) -> None:
    path = tmp_path / "turned.pdf"
    writer = PdfWriter(clone_from=PdfReader(printed))
    writer.pages[0].rotate(turn)
    writer.write(path)
    plain, masked = review(path), review(path, Terms(redact=True))
    before, after = picture(plain, path), picture(masked, path)
    where, scale = places(plain[0].report), after.width / (842 if turn else 595.3)
    for entry in ("extra/项目负责人", "extra/联系电话"):
        assert darkness(before, where[entry], scale) < 0.5
        assert darkness(after, where[entry], scale) == 1
    for entry in ("budget/total/outturn", "project", "total/score"):
        assert darkness(after, where[entry], scale) == darkness(before, where[entry], scale) < 0.3
    assert personal([plain[0].report]).names == {"魏无咎"}


def test_text_beside_the_tables_is_black_in_pictures_too(printed: Path) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(printed) as pdf:
        text = pdf[0].get_textpage()
        whole, high = text.get_text_range(), pdf[0].get_height()
        after = picture(review(printed, Terms(redact=True)), printed)
        scale = after.width / pdf[0].get_width()
        for one in ("欧阳惜", "0716-3356789", NUMBER):
            for at in range(whole.index(one), whole.index(one) + len(one)):
                left, bottom, right, top = text.get_charbox(at)
                box = Box(1, left - 2.9, high - top - 2.9, right + 2.9, high - bottom + 2.9)
                assert darkness(after, box, scale) > 0.99
        left, bottom, right, top = text.get_charbox(whole.index("填表人"))
        assert (
            darkness(after, Box(1, left - 3, high - top - 3, right + 3, high - bottom + 3), scale)
            < 0.6
        )


def test_a_page_that_is_a_picture_is_not_shown_redacted(printed: Path, tmp_path: Path) -> None:
    import pypdfium2

    from auditkit.workpapers.pages import pictures

    with pypdfium2.PdfDocument(printed) as pdf:
        pdf[0].render(scale=2).to_pil().convert("RGB").save(tmp_path / "scan.pdf")
    data = (tmp_path / "scan.pdf").read_bytes()
    assert list(pictures(data, [1], None)) == [1]
    assert pictures(data, [1], blank()) == {}


def test_the_command_masks_all_that_it_prints_and_writes(
    printed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "魏无咎.pdf"
    path.write_bytes(printed.read_bytes())
    out = tmp_path / "out"
    assert main(["review", str(path), "--redact", "--out", str(out), "--format", "json"]) == 0
    said = capsys.readouterr()
    assert "魏无咎" not in said.out + said.err
    assert json.loads(said.out)["reviews"][0]["redacted"]
    papers = papers_in(out)
    assert papers.name.startswith("测试项目-")
    assert main(["verify", str(papers), "--input", str(path)]) == 0


def test_a_folder_of_workpapers_is_not_called_by_a_person() -> None:
    nameless = report({**FORM, "name": "魏无咎.xlsx", "project": "~"})
    assert form_name(judged(nameless)) == "魏无咎"
    assert form_name(judged(nameless, Terms(redact=True))) == MASK
