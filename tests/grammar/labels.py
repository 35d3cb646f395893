"""What forms and the systems that print them call their heads: the first of each is the usual one.

They are labels as printed in published forms and in screens, exports and import sheets. What a
role is *not* is told by the block: 分值 and 得分 stand in several.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

Names = Mapping[str, tuple[str, ...]]

HEADER: Names = {
    "project": ("项目名称", "专项名称", "支出项目名称", "二级项目名称"),
    "department": ("主管部门", "主管部门及代码", "预算部门", "主管单位", "部门名称", "申报部门"),
    "implementer": ("实施单位", "项目实施单位", "预算单位", "单位名称", "资金使用单位"),
}
FUNDS: Names = {
    "initial_budget": ("年初预算数", "年初预算", "年初批复数", "当年预算", "预算申报数"),
    "adjusted_budget": (
        *("全年预算数", "调整后预算数", "全年预算数(A)", "全年(调整)预算数", "变动后预算数"),
        *("调整后的预算", "最终预算数", "预算变更后金额"),
    ),
    "outturn": ("全年执行数", "预算执行数", "全年执行数(B)", "实际支付数", "执行数"),
    "points": ("分值", "权重", "指标分值"),
    "execution_rate": (
        *("执行率", "预算执行率", "执行率(B/A)", "预算执行率(%)", "资金执行率", "预算执行率%"),
    ),
    "score": ("得分", "自评得分", "执行率得分"),
}
GOALS: Names = {
    "expected": (
        *("预期目标", "年初设定目标", "年度绩效目标", "年度总体目标", "绩效年度绩效预期目标"),
        *("总体目标", "项目年度目标", "本年度目标"),
    ),
    "actual": (
        *("实际完成情况", "全年实际完成情况", "年度总体目标完成情况综述", "目标实际完成情况"),
        *("绩效年度目标完成情况", "年度目标完成情况", "总体绩效目标完成情况说明"),
    ),
}
INDICATORS: Names = {
    "dimension": ("一级指标", "一级绩效指标名称", "指标类型", "指标分类"),
    "category": ("二级指标", "二级绩效指标名称", "指标类别"),
    "name": ("三级指标", "三级指标名称", "三级绩效指标名称", "指标名称", "指标内容"),
    "comparator": ("指标性质", "计算符号", "指标方向", "符号"),
    "value": ("指标值", "年度指标值", "目标值", "绩效目标值"),
    "unit": ("度量单位", "计量单位", "单位", "三级指标单位名称"),
    "target": (
        *("年度指标值", "指标值", "目标值", "年度指标值(A)", "年初目标值", "绩效目标值"),
        *("预期指标值", "预期实现值", "调整后目标值", "修正目标值"),
    ),
    "actual": (
        *("实际完成值", "全年完成值", "实际完成值(B)", "全年实际值", "指标实际完成值"),
        *("自评完成值", "指标值完成情况", "完成值", "全年实际完成值"),
    ),
    "points": ("分值", "权重", "指标分值", "指标权重", "指标满分值", "分值(权重)", "参考分值"),
    "score": ("得分", "自评得分", "实际得分", "自评分", "指标得分", "绩效评分"),
    "explanation": (
        *("偏差原因分析及改进措施", "未完成原因分析", "未完成原因和改进措施", "偏差原因及改进措施"),
        *("偏差分析及整改措施", "得失分依据及原因", "扣分理由", "产生差异的原因及改进措施"),
    ),
}
TOTAL = ("总分", "合计", "自评总分", "自评总得分", "总计")

# Heads with the rule for filling in, points, units or formulas in them.
INSTRUCTED: Mapping[str, Names] = {
    "funds": {
        "initial_budget": ("年初预算数(万元)", "*年初预算数"),
        "adjusted_budget": (
            "全年预算数(A)(上年结转+年初预算+本年追加追减预算(不含年底收回))",
            "全年预算数\n(A,万元)",
        ),
        "outturn": ("全年执行数\n(B,万元)", "*全年执行数(截至12月31日)"),
        "points": ("分值(10分)", "分值\n(10)"),
        "execution_rate": ("执行率(B/\nA,10分)", "预算执行率(B/A×100%)"),
        "score": ("得分\n(10分×执行率)", "得分(执行率×分值)"),
    },
    "indicators": {
        "name": ("*三级指标(按批复填写)",),
        "target": ("年度指标值\n(包含数字及文字描述)", "*年度指标值(A)"),
        "actual": ("*实际完成值(定量填数字,定性填达成、部分达成、未达成)", "实际完成值\n(B)"),
        "points": ("*分值(产出50分、效益30分、满意度10分)", "分值\n(90分)"),
        "score": ("*指标得分(定量系统自动计算,定性必填,所填值为原指标得分,不包含扣减分数。)",),
        "explanation": (
            "偏差原因及改进措施(指标未完成时必填)",
            "偏差原因分析及改进措施\n(100字以内)",
        ),
    },
}

# Columns that forms have besides: the head, and what stands in the rows.
BESIDE: Names = {
    "评分标准": ("完成得满分,未完成按比例扣分", "每低1%扣0.5分", "达到要求得满分"),
    "佐证资料": ("验收单", "台账", "调查问卷", "签到表"),
    "复核得分": (),  # the score again
    "上年完成值": (),  # the target again, a little less
    "指标解释": ("反映工作完成数量", "反映工作质量", "反映服务成效"),
    "附件材料": ("附件1", "附件2", "附件3"),
}
# Columns of funds besides, and what they are made of.
BESIDE_FUNDS: Names = {
    "changes": ("年度调整金额", "调整金额", "年中追加(减)数"),
    "balance": ("结余金额", "结转结余"),
    "arrived": ("实际到位资金", "到位数"),
    "reasons": ("偏差原因", "差异说明", "原因"),
}
MORE_HEADER: Names = {
    "项目编码": ("42011722T000000418", "51000023R000000755"),
    "项目类型": ("经常性项目", "一次性项目"),
    "填报人联系方式": ("0000-5550123", "0000-5550187"),
}

# Heads that no list has: made-up words, and words of offices that name no column of such a form.
UNLISTED = (
    *(
        "流转序",
        "归集口径",
        "存放柜号",
        "研判结论档",
        "转办批次",
        "稽核签注",
        "备用栏甲",
        "渠道标签",
    ),
    *("台账页码", "接口标识", "参照系数", "留痕编号"),
)
SYLLABLES = "璟琮翊钧珩玥骁霖笙瑭珞澜堃颢"


def nonsense(rng: Random) -> str:
    """Return a head that nobody can know."""
    made = "".join(rng.sample(SYLLABLES, 3))
    return rng.choice((made, rng.choice(UNLISTED)))


def usual(names: Names) -> dict[str, str]:
    """Return the usual name of each role."""
    return {role: some[0] for role, some in names.items()}


def other(rng: Random, names: Names) -> dict[str, str]:
    """Return some name of each role, the usual one less often than any other."""
    return {role: rng.choice(some[1:] or some) for role, some in names.items()}
