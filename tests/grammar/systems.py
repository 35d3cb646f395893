"""Head orders of the systems that print self-evaluation forms.

Names such as S4 are those of the sources in which a head order was seen; a head that is not known
there has a plausible one here.
"""

from __future__ import annotations

from collections.abc import Mapping

from grammar.filling import (
    HEADER,
    IMPORT,
    LEVELS,
    System,
    each_goal,
    execution_among_indicators,
    in_yuan,
    indicators_alone,
    no,
    numbered_lines,
    rows_named,
    system,
    tail,
    unchanged_budget,
    with_empty_category,
    with_goals,
    with_signs,
    without_units,
)

OFFICE = {"department": "部门名称", "implementer": "单位名称"}
PARTED = "计算符号=comparator | 指标值=value | 实际完成值=actual | 计量单位=unit"
TREE = f"指标名称=name | {PARTED}"
MONEY = "年初预算数=initial_budget | 全年预算数=adjusted_budget | 全年执行数=outturn"
CAUSE = "偏差原因分析及改进措施=explanation"

SCORES = "分值=points | 得分=score"
FUNDS = f"{MONEY} | 分值=points | 执行率=execution_rate | 得分=score"
OF_MONEY = "年度资金总额", "当年财政资金", "上年结转资金", "其他资金"
SIDE = {"has_sides": True, "unit_at": "side"}
WEIGHED = "权重设定值 | 权重=points | 序时进度预警 | 扣减分数 | 实际得分=score"
REVIEWED = "偏差类型 | 附件材料 | 核查分数 | 评审意见"
SUM_OF_FUNDS = (
    "资金来源=label | 年初预算=initial_budget | 预算调整数 | 调整后预算=adjusted_budget"
    " | 全年执行数=outturn | {more}预算执行率=execution_rate | 自评得分=score | 偏差原因"
)
USUAL_ROWS = f"{LEVELS} | 年度指标值=target | 实际完成值=actual | {SCORES} | {CAUSE}"
GOALS = {"expected": "年度绩效目标", "actual": "实际完成情况"}


SYSTEMS: Mapping[str, System] = {
    "S1": system(funds=SUM_OF_FUNDS.format(more=""), rows=USUAL_ROWS),
    "S1 with two outturns": system(
        in_yuan, funds=SUM_OF_FUNDS.format(more="全年执行数(其他)(元) | "), rows=USUAL_ROWS
    ),
    "S2": system(
        indicators_alone,
        rows_named(*OF_MONEY),
        funds=f"项目资金=label | {MONEY} | 执行率=execution_rate",
        rows=USUAL_ROWS,
    ),
    "S3": system(
        rows_named("合计", "人员培训", "设备购置", "场地维护", last=True),
        funds="任务名称=label | 完成情况 | 部门预算情况>年初预算数=initial_budget"
        " | 部门预算情况>全年预算数=adjusted_budget | 部门预算情况>其中:财政拨款"
        " | 部门预算情况>全年执行数=outturn | 部门预算情况>其中:财政拨款=+of outturn"
        " | 部门预算情况>执行率=execution_rate | 部门预算情况>分值=points"
        " | 部门预算情况>自评得分=score",
        rows=USUAL_ROWS,
        title="{year}年度部门整体支出绩效自评表",
        header=OFFICE,
    ),
    "S4": system(
        indicators_alone,
        without_units,
        rows=f"{TREE} | {WEIGHED} | 得失分依据及原因 | 偏差原因及改进措施=explanation | {REVIEWED}",
        is_tree=True,
    ),
    "S5": system(
        indicators_alone,
        without_units,
        rows=f"{TREE} | {WEIGHED} | 备注=explanation | {REVIEWED}",
        is_tree=True,
        header=OFFICE,
        title="{year}年度部门整体支出绩效自评表",
    ),
    "S6": system(
        indicators_alone,
        without_units,
        with_goals,
        rows=f"{TREE} | 权重设定值 | {SCORES} | {CAUSE}",
        goals=GOALS,
        is_tree=True,
        header=OFFICE,
        title="{year}年度部门整体支出绩效自评表",
        blocks=("header", "each goal"),
        own={"each goal": each_goal},
    ),
    "S7": system(
        indicators_alone,
        without_units,
        rows=f"{TREE} | 权重=points | 实际得分=score | 偏差原因及改进措施=explanation",
        goals={"expected": "年度绩效目标", "actual": "目标实际完成情况"},
        goals_shape="beside",
        is_tree=True,
        own={
            "tail": tail(
                ("偏差大或目标未完成原因分析", "部分工作受天气影响"),
                ("改进措施及结果应用方案", "下年度按实际需要安排"),
            )
        },
    ),
    "S8": system(
        indicators_alone,
        without_units,
        rows=IMPORT.format(actual="实际完成值"),
        blocks=("header", "indicators"),
    ),
    "S9": system(
        rows=USUAL_ROWS,
        funds=FUNDS,
        **SIDE,
        header={**HEADER, "total.score": "自评得分"},
        more_header=(("偏差状态", "正常"), ("自评结论", "良"), ("功能分类", "一般公共服务")),
        goals={"expected": "绩效目标", "actual": "全年目标完成情况"},
        goals_shape="beside",
        total="",
        own={
            "tail": tail(
                ("绩效目标偏离原因分析", "部分工作受天气影响"),
                ("整改措施及建议", "下年度提前安排"),
                ("其他需说明问题", "无"),
                ("预算调整超30%原因说明", "无"),
            )
        },
    ),
    "S15": system(
        funds="资金来源名称=label | 年初批复数=initial_budget | 年度调整金额"
        " | 变动后预算数=adjusted_budget | 全年执行数=outturn | 资金执行率=execution_rate"
        " | 自评得分=score",
        rows="一级绩效指标名称=dimension | 二级绩效指标名称=category | 三级绩效指标名称=name"
        " | 指标值=target | 指标值完成情况=actual | 评(扣)分标准 | 权重=points | 自评得分=score"
        " | 偏差分析及整改措施=explanation | 结果应用建议",
        header={"year": "评价年度", **OFFICE, "project": "项目名称", "total.score": "单位自评得分"},
        more_header=(("项目代码", "5201230001"), ("主管部门评分", "95")),
        goals={"expected": "绩效年度绩效预期目标", "actual": "绩效年度目标完成情况"},
        total="",
        own={"tail": tail(("部门审核意见", "同意"), ("财政审核意见", "同意"))},
    ),
    "S16": system(
        indicators_alone,
        rows="一级指标=dimension | 二级指标=category | 三级指标>指标名称=name"
        " | 三级指标>符号=comparator | 三级指标>指标值=value | 三级指标>单位=unit | 指标解释"
        " | 权重=points | 自评分=score | 绩效指标完成情况=actual"
        " | 偏差分析及整改措施=explanation",
        header={**HEADER, "total.score": "自评总得分"},
        goals={"expected": "绩效总体目标", "actual": "绩效总体目标完成情况"},
        goals_shape="beside",
        total="",
        title="{year}年度专项债券项目绩效自评表",
    ),
    "S16 as reviewed": system(
        indicators_alone,
        rows="一级指标=dimension | 二级指标=category | 三级指标>指标名称=name"
        " | 三级指标>符号=comparator | 三级指标>指标值=value | 三级指标>单位=unit | 指标解释"
        " | 权重=points | 绩效评分=score | 绩效指标完成情况=actual"
        " | 目标偏差分析及整改措施=explanation",
        header={**HEADER, "total.score": "评价总得分"},
        goals={"expected": "绩效总体目标", "actual": "绩效总体目标完成情况"},
        goals_shape="beside",
        total="",
        title="{year}年度专项债券项目绩效评价表",
    ),
    "S17": system(
        execution_among_indicators,
        rows_named("金额合计", "其中:本年财政拨款", "上年结转资金", "其他资金"),
        funds=f"资金来源=label | {MONEY} | 执行率=execution_rate",
        rows=f"{LEVELS} | 指标值=target | 实际完成值=actual | {SCORES} | 未完成原因=explanation",
        goals={"expected": "年初设定目标", "actual": "年度总体目标完成情况"},
        own={
            "indicators": with_empty_category,
            "tail": tail(("整改的措施与建议", "下年度提前安排")),
        },
    ),
    "S20": system(
        indicators_alone,
        no("category"),
        without_units,
        with_signs,
        rows="一级指标=dimension | 指标名称=name | 绩效目标值=value | 实际完成值=actual"
        " | 度量单位=unit | 指标满分值=points | 得分=score | 偏差原因分析及整改措施=explanation",
        header={**HEADER, "year": "评价年度", "total.score": "总分"},
        more_header=(("项目编码", "5201230001"), ("项目类型", "专项债券")),
        goals={"expected": "预期目标", "actual": "实际完成情况"},
        **{**SIDE, "unit_at": "line"},
        total="",
        title="{year}年度专项债券项目绩效自评表",
    ),
    "S21": system(
        unchanged_budget,
        rows_named("年度资金总额", "财政拨款", "上年结转资金", "其他资金"),
        funds="预算数=adjusted_budget | 全年执行数=outturn | 分值=points | 执行率=execution_rate"
        " | 得分=score",
        rows=f"{LEVELS} | 预期实现值=target | 实际完成值=actual | {SCORES}"
        " | 未完成原因分析=explanation",
        header={**HEADER, "department": "主管部门及代码"},
        goals={"expected": "预期目标", "actual": "目标实际完成情况"},
        **SIDE,
    ),
    "S21 on its screen": system(
        unchanged_budget,
        rows_named("年度资金总额", "财政拨款", "上年结转资金", "其他资金"),
        funds="预算数=adjusted_budget | 全年执行数=outturn | 执行率=execution_rate | 分值=points"
        " | 得分=score",
        rows=f"{LEVELS} | 预期实现值=target | 实际完成值=actual | {SCORES}"
        " | 未完成原因分析=explanation",
        more_header=(("分制", "100"),),
        funds_shape="label and value",
        **SIDE,
    ),
    "S21 ledger": system(
        no("dimension", "category"),
        rows="指标名称=name | 指标预算金额 | 本年度目标=target | 实际完成值=actual | 完成率"
        " | 偏差原因分析=explanation | 备注",
        blocks=("header", "indicators"),
        total="",
    ),
    "S22": system(
        without_units,
        with_signs,
        funds=FUNDS,
        rows=f"{LEVELS} | 三级指标单位名称=unit | 年度指标值=value | 实际完成值=actual | {SCORES}"
        " | 未完成原因=explanation",
        **SIDE,
    ),
    "S23": system(
        in_yuan,
        unchanged_budget,
        numbered_lines,
        indicators_alone,
        funds="行号 | 支出明细编码 | 支出明细内容=label | 核定预算数(元)=initial_budget"
        " | 实际执行数(元)=outturn | 结余金额(元) | 执行率%=execution_rate",
        rows="指标分类>指标类型=dimension | 指标分类>指标类别=category | 指标名称=name"
        " | 指标值=target | 指标权重=points | 自评完成值=actual | 自评得分=score | 抽评完成值"
        " | 抽评得分 | 指标描述",
        header={"project": "项目名称", "department": "主管单位", "implementer": "实施单位"}
        | {"total.score": "自评得分"},
        more_header=(
            *(("评价日期", "2024-03-15"), ("评价部门", "绩效办"), ("填录人", "王某")),
            *(("自评结论", "良"), ("抽评得分", "95"), ("抽评结论", "良")),
        ),
        goals={"expected": "年度绩效目标", "actual": "绩效目标实现情况"},
        total="",
        own={"tail": tail(("未完成原因分析及拟采取的措施", "部分工作受天气影响,下年度补齐"))},
    ),
    "S23 by a third party": system(
        indicators_alone,
        rows="指标分类>指标类型=dimension | 指标分类>指标类别=category | 指标名称=name"
        " | 指标值=target | 权重%=points | 自评完成值=actual | 自评得分=score"
        " | 第三方评价完成值 | 第三方评价得分 | 指标描述",
        header={**HEADER, "total.score": "自评得分"},
        goals={"expected": "年度绩效目标", "actual": "绩效目标实现情况"},
        total="",
    ),
    "S24": system(
        execution_among_indicators,
        without_units,
        rows=f"{LEVELS} | 指标性质=comparator | 指标值=value | 计量单位=unit | 权重=points"
        " | 自评完成值=actual | 自评得分=score | 复核完成值 | 复核得分 | 复核指标偏差"
        " | 备注=explanation",
        blocks=("indicators",),
        total_label="合计",
        title="{year}年度{project}绩效自评表",
    ),
    "S25": system(
        funds="年初预算数=initial_budget | 全年预算数(A)=adjusted_budget"
        " | 全年执行数(B)=outturn | 分值=points | 得分=score | 执行率(B/A)=execution_rate"
        " | 偏差原因分析及改进措施=+偏差原因",
        rows=f"{LEVELS} | 年度指标值(A)=target | 实际完成值(B)=actual | {SCORES} | {CAUSE}",
        header={**HEADER, "department": "市级主管部门", "implementer": "项目实施单位"},
        goals={"expected": "年初预期目标", "actual": "年度实际完成情况"},
        **SIDE,
    ),
    "S26": system(
        indicators_alone,
        without_units,
        rows="指标类型 | 一级指标=dimension | 二级指标=category | 三级指标=name"
        " | 指标方向=comparator"
        " | 指标性质 | 目标值=value | 计量单位=unit | 指标完成情况=actual | 分值=points"
        " | 得分=score"
        " | 备注=explanation",
        more_header=(
            *(("实施期资金总额", "120"), ("年度资金总额", "60")),
            ("预算执行权重(%)", "10"),
        ),
        goals={"expected": "项目总体目标", "actual": "总体绩效目标完成情况说明"},
        goals_shape="beside",
    ),
    "S28": system(
        indicators_alone,
        with_signs,
        rows="一级指标=dimension | 权重=+dimension points | 二级指标=category"
        " | 分值=+category points | 三级指标=name | 计量单位=unit | 目标值(标准)=value"
        " | 分值=points | 实际完成值=actual | 得分=score",
        title="{year}年度专项资金绩效自评表",
        blocks=("header", "indicators"),
    ),
    "S29": system(
        indicators_alone,
        rows=f"{LEVELS} | 指标分值=points | 目标值=target | 实际完成值=actual | 加分 | 扣分"
        " | 扣分说明=explanation | 得分=score",
        title="{year}年度专项资金绩效自评表",
        blocks=("header", "indicators"),
    ),
    "S30": system(
        indicators_alone,
        no("category"),
        rows="一级指标=dimension | 指标项=name | 预期指标值=target | 实际完成指标值=actual"
        " | 分值=points | 自评得分=score",
        blocks=("header", "indicators"),
    ),
    "S31": system(
        indicators_alone,
        rows="一级指标=dimension | 二级指标=category | 四级指标=name | 目标值=target"
        " | 完成值=actual"
        " | 权重分=points | 自评分=score | 处室评分(百分制)",
        title="{year}年度部门绩效自评表",
        header=OFFICE,
        blocks=("header", "indicators"),
    ),
    "S32": system(
        indicators_alone,
        rows=f"{LEVELS} | 计划指标值>总体值 | 计划指标值>第一年=target | 计划指标值>第二年"
        f" | 实际完成值=actual | {SCORES}",
        blocks=("header", "indicators"),
    ),
    "S34": system(
        indicators_alone,
        no("dimension", "category"),
        rows="评价内容=name | 目标值=target | 完成值=actual | 分值=points | 自评得分=score"
        " | 审核得分",
        title="{year}年度处室绩效自评表",
        header=OFFICE,
        blocks=("header", "indicators"),
    ),
}
