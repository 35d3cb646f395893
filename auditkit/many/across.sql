-- What the rules of across.py ask of the tables of a batch, by their ids.

-- CR-01
SELECT * FROM (
  SELECT file, sha256, form, cells, project, goal_expected AS text, 'goal_expected' AS figure
  FROM reports
  UNION ALL SELECT file, sha256, form, cells, project, goal_actual, 'goal_actual' FROM reports
  UNION ALL SELECT i.file, i.sha256, form, i.cells, project, explanation, 'explanation'
  FROM indicators i JOIN reports r USING (file, form)
  UNION ALL SELECT i.file, i.sha256, form, i.cells, project, actual, 'actual'
  FROM indicators i JOIN reports r USING (file, form)
) WHERE length(text) >= 20 AND project IS NOT NULL ORDER BY file, form, text, project;

-- CR-12
SELECT i.file, i.sha256, form, i.cells, project, i.name FROM indicators i JOIN reports r USING (file, form)
WHERE i.name IS NOT NULL AND project IS NOT NULL
AND (i.dimension LIKE '%效益%' OR i.dimension LIKE '%满意%' OR i.category LIKE '%效益%' OR i.category LIKE '%满意%')
ORDER BY file, form, i.name;

-- CR-04
SELECT * FROM reports WHERE total_score IS NOT NULL AND department IS NOT NULL ORDER BY file, form;

-- CR-05
SELECT * FROM reports WHERE project IS NOT NULL ORDER BY file, form;

-- CR-06
SELECT * FROM reports WHERE adjusted_budget > 0 AND outturn > 0 AND project IS NOT NULL
ORDER BY file, form;

-- CR-08
SELECT * FROM reports WHERE adjusted_budget > 0 AND outturn >= 0 AND total_score IS NOT NULL
ORDER BY file, form;

-- CR-09
SELECT i.file, i.sha256, form, i.cells, points, score, department
FROM indicators i JOIN reports r USING (file, form)
WHERE points > 0 AND score IS NOT NULL AND department IS NOT NULL
ORDER BY department, file, form, path;

-- CR-10
SELECT file, sha256, form, cells, '' AS path, outturn FROM reports WHERE outturn > 0
UNION ALL BY NAME SELECT file, sha256, form, cells, path, actual_value FROM indicators
WHERE actual_value >= 100 AND actual_value = floor(actual_value) ORDER BY file, form, path;

-- CR-11
WITH known AS (
  SELECT *, TRY_CAST(regexp_extract(year, '\d{4}') AS INT) AS y,
    regexp_replace(project, '\d{4}年?度?|\s', '', 'g') AS name FROM reports
  QUALIFY row_number() OVER (  -- of a form in several files the first
    PARTITION BY coalesce(nullif(identity, ''), file || '#' || form) ORDER BY file, form) = 1
) SELECT a.*, b.file AS before_file, b.sha256 AS before_sha256, b.form AS before_form,
    b.cells AS before_cells, b.adjusted_budget AS before_adjusted_budget
FROM known a JOIN known b ON a.name = b.name AND a.y = b.y + 1 AND a.department = b.department
  AND a.currency_unit IS NOT DISTINCT FROM b.currency_unit
WHERE a.adjusted_budget > 0 AND b.adjusted_budget > 0 ORDER BY a.file, a.form, b.file, b.form;

-- CR-13
SELECT * FROM statements ORDER BY file, number, figure;

-- CR-14
WITH own AS (
  SELECT *, coalesce(adjusted_budget, initial_budget) * CASE WHEN currency_unit LIKE '%亿%' THEN 10000
    WHEN currency_unit LIKE '%万%' THEN 1 WHEN currency_unit LIKE '%元%' THEN 0.0001 ELSE 1 END AS amount,
    coalesce(department, implementer) AS of
  FROM reports QUALIFY row_number() OVER (
    PARTITION BY coalesce(nullif(identity, ''), file || '#' || form) ORDER BY file, form) = 1
), beside AS (
  SELECT DISTINCT s.file AS stating, o.* FROM (SELECT DISTINCT file FROM statements) s JOIN own o
  ON o.file = s.file OR EXISTS (SELECT 1 FROM reports r WHERE r.file = s.file
    AND coalesce(r.department, r.implementer) = o.of AND r.year IS NOT DISTINCT FROM o.year)
), added AS (
  SELECT stating, scope, count(*) AS forms, sum(amount) AS amount, count(amount) AS amounts,
    avg(total_score) AS average, count(total_score) AS scores,
    count(*) FILTER (total_score >= 90) AS excellent,
    count(*) FILTER (total_score >= 80 AND total_score < 90) AS good,
    count(*) FILTER (total_score >= 60 AND total_score < 80) AS fair,
    count(*) FILTER (total_score < 60) AS poor
  FROM (SELECT *, 'file' AS scope FROM beside WHERE file = stating
    UNION ALL SELECT *, 'folder' AS scope FROM beside) GROUP BY ALL
)
SELECT s.*, a.* EXCLUDE (stating, amount), a.amount AS amount FROM statements s
JOIN added a ON a.stating = s.file WHERE s.value IS NOT NULL
ORDER BY s.file, s.number, s.figure, a.scope;
