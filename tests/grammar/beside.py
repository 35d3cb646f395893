"""Head orders of what looks like a self-evaluation form and is none, as ``systems`` has them.

Each has what the program calls such a table.
"""

from __future__ import annotations

from collections.abc import Mapping

from grammar.filling import IMPORT, LEVELS, System, execution_among_indicators, in_rows, no, system

MONITORING, DECLARATION, CHANGE = "monitoring", "declaration", "change of goals"
PROJECTS, CHECK = "list of projects", "spot check"

NEIGHBOURS: Mapping[str, System] = {
    "S10": system(
        title="{year}年项目支出绩效运行监控表",
        neighbour=MONITORING,
        funds="资金来源=label | 预算执行情况>年初预算=initial_budget | 预算执行情况>调整预算数"
        " | 预算执行情况>调整后预算数=adjusted_budget | 预算执行情况>预算执行数=outturn"
        " | 预算执行情况>预算执行数(其他) | 预算执行情况>预算执行率(%)=execution_rate",
        blocks=("header", "funds"),
    ),
    "S10 elsewhere": system(
        title="{year}年1-7月项目执行情况表",
        neighbour=MONITORING,
        funds="资金来源=label | 本年预算安排小计=adjusted_budget | 监控期支出数=outturn"
        " | 监控期支出进度=execution_rate | 全年预计执行数",
        blocks=("header", "funds"),
    ),
    "S11": system(
        title="{year}年项目支出绩效运行监控表",
        neighbour=MONITORING,
        rows="一级指标=dimension | 二级指标=category | 指标名称=name | 年初指标值"
        " | 年度指标值=target"
        " | 当前完成值=actual | 计算符号=comparator | 计量单位=unit | 完成可能性分析"
        " | 序时进度预警"
        " | 全年预计完成情况 | 全年预计完成情况偏离度 | 偏差原因分析=explanation | 其他原因"
        " | 备注"
        " | 偏差类型 | 附件材料",
        blocks=("header", "indicators"),
        total="",
    ),
    "S12": system(
        title="{year}年部门项目绩效监控汇总表",
        neighbour=MONITORING,
        blocks=("list",),
        own={
            "list": in_rows(
                "序号 | 处室名称 | 单位名称 | 项目类别 | 项目编码 | 支出项目名称 | 年初预算数"
                " | 追加数"
                " | 追减数 | 调整预算数 | 绩效目标 | 截止7月底支出数 | 预算执行率"
                " | 截止7月底绩效目标执行情况 | 是否达到序时支出进度 | 是否达到阶段性绩效目标"
                " | 原因类型"
                " | 情况分析 | 绩效目标调整情况",
                "1|经济科|文化馆|专项|5201|场馆开放|20|0|0|0|开放三百天|12|60%|已开放一百九十天"
                "|是|是|||无",
                "2|经济科|图书馆|专项|5202|图书购置|30|5|0|5|购书两千册|18|51.43%|已购一千册"
                "|否|是|采购延期|招标推迟|无",
            )
        },
    ),
    "S13": system(
        title="{year}年项目绩效运行监控表",
        neighbour=MONITORING,
        rows=IMPORT.format(actual="当前完成值"),
        blocks=("header", "indicators"),
        total="",
    ),
    "S14": system(
        title="{year}年项目绩效目标调整表",
        neighbour=CHANGE,
        rows="一级指标=dimension | 指标名称=name | 公式或说明 | 计算符号=comparator | 历年指标值1"
        " | 历年指标值2 | 历年指标值3 | 指标值=value | 计量单位=unit | 调整后指标值 | 目标值说明"
        " | 调整说明 | 扣分标准",
        goals={"expected": "调整前年度绩效目标", "actual": "调整后年度绩效目标"},
        total="",
        blocks=("header", "goals", "indicators"),
    ),
    "S18": system(
        title="{year}年度项目自评情况汇总表",
        neighbour=PROJECTS,
        blocks=("list",),
        own={
            "list": in_rows(
                "项目编码 | 预算部门 | 预算单位 | 项目名称 | 资金归口处室 | 年初预算数"
                " | 当年预算数 | 全年执行数"
                " | 结余 | 预算执行率 | 得分 | 自评结论 | 自评预警 | 支出项目类别",
                "5201|文化局|文化馆|场馆开放|教科文处|20|20|18|2|90%|96|良|无|专项",
                "5202|文化局|图书馆|图书购置|教科文处|30|30|30|0|100%|100|优|无|专项",
            )
        },
    ),
    "S19 quality": system(
        title="{year}年度绩效自评抽查表",
        neighbour=CHECK,
        blocks=("header", "list"),
        own={
            "list": in_rows(
                "评价内容 | 评价要点 | 分值 | 评分标准 | 得分 | 扣分原因",
                "自评组织|按时报送|10|迟报不得分|10|",
                "自评质量|数据真实|20|一处不实扣2分|18|一处数据不实",
            )
        },
    ),
    "S19 result": system(
        no("category"),
        title="{year}年度绩效自评抽查表",
        neighbour=CHECK,
        rows=f"{LEVELS} | 指标性质=comparator | 指标值=value | 计量单位=unit | 指标权重=points"
        " | 抽评完成值 | 抽评得分 | 备注",
        blocks=("header", "indicators"),
        total="",
    ),
    "S20 review": system(
        title="{year}年度专项债券绩效自评复核表",
        neighbour=CHECK,
        rows="指标名称=name | 指标满分值=points | 得分=score | 整改意见 | 指标解释 | 指标说明",
        blocks=("header", "indicators"),
        total="",
    ),
    "S22 monitoring": system(
        title="{year}年项目绩效监控表",
        neighbour=MONITORING,
        rows=f"{LEVELS} | 年度指标值=target | 1至7月执行情况=actual | 全年预计完成情况"
        " | 原因说明=explanation",
        blocks=("header", "indicators"),
        total="",
    ),
    "S24 review": system(
        execution_among_indicators,
        title="{year}年度{project}绩效自评复核表",
        neighbour=CHECK,
        rows=f"{LEVELS} | 指标性质=comparator | 指标值=value | 计量单位=unit | 权重=points"
        " | 自评完成值=actual | 自评得分=score | 复核完成值 | 复核得分 | 复核指标偏差 | 备注",
        blocks=("indicators",),
        total_label="合计",
    ),
    "S24 summary": system(
        title="{year}年度项目自评复核情况汇总表",
        neighbour=PROJECTS,
        blocks=("list",),
        own={
            "list": in_rows(
                "项目名称 | 自评得分 | 复核得分 | 偏差 | 主要偏差原因",
                "场馆开放|98|96|2|人次未核实",
                "图书购置|100|100|0|",
            )
        },
    ),
    "S26 declaration": system(
        title="{year}年项目支出绩效目标申报表",
        neighbour=DECLARATION,
        rows="指标类型 | 一级指标=dimension | 二级指标=category | 三级指标=name"
        " | 指标方向=comparator"
        " | 指标性质 | 目标值=value | 计量单位=unit | 备注 | 分值=points",
        blocks=("header", "indicators"),
        total="",
    ),
    "S27": system(
        title="{year}年项目绩效目标申报表",
        neighbour=DECLARATION,
        rows=f"{LEVELS} | 中期指标值 | 年度指标值=target",
        goals={"expected": "中期目标", "actual": "年度目标"},
        more_header=(("项目周期", "三年"),),
        blocks=("header", "goals", "indicators"),
        total="",
    ),
    "S33": system(
        title="{year}年财政项目支出绩效目标申报表",
        neighbour=DECLARATION,
        rows=f"{LEVELS} | 指标目标值=target",
        more_header=(("项目总目标", "按计划办结"), ("计划完成日期", "2024-12-31")),
        blocks=("header", "indicators"),
        total="",
    ),
}
