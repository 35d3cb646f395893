"""What a process of a batch has at once, since it was made before the processes part.

Templates, patterns, laws and texts are made ready where they are first asked for. Loading this
asks for all of them, by the work itself: a form is reviewed, and its papers go nowhere.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from auditkit import temporary
from auditkit.decisions.log import NO_LOG
from auditkit.reviewing import Terms, review
from auditkit.workpapers import write_workpapers

_ABOVE = "<h1>项目支出绩效自评表</h1><p>(2023年度)</p><p>单位:万元</p>"
_ROWS = """项目名称|供水管网改造|主管部门|水务局|实施单位|水务站
资金|年初预算数|全年预算数|全年执行数|分值|执行率|得分
年度资金总额|100|120|90|10|75%|7.5
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
产出指标|数量指标|改造管网长度|≥12公里|10公里|50|45|雨期停工
效益指标|社会效益指标|供水保证率|≥95%|96%|30|30|
满意度指标|服务对象满意度指标|用户满意度|≥90%|92%|10|10|
总分|||||100|92.5|"""


def _form() -> bytes:
    rows = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in _ROWS.split("\n"))
    return "".join((_ABOVE, "<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>")).encode()


# What goes wrong here goes wrong again where it counts, and is said there.
with suppress(Exception), temporary.folder() as beside:
    reviewed = review(_form(), Terms(log=NO_LOG), name="form.html")
    papers = write_workpapers(reviewed, Path(beside), source=_form())
