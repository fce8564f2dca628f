"""Controls: rules on resources, on a stack and on all stacks of a platform, judged before a deployment.

Three folders, each of which imports only those after it:

- `pack`: what Pulumi needs of a pack. `registry` lists the modules of rules, `pulumi_policies` makes policies of
  them, `platform_rules` judges several stacks together, `exceptions` and `configuration` read a team's files,
  `undecided_report` prints what a preview left undecided, `coverage` counts the rules, `rules_page` writes their
  page.
- `services`: the rules, one module for each AWS service or part of one, and `kubernetes`.
- `language`: the means to write rules. `facts`, `graph` and `documents` read resources, `verdicts` has three values,
  `rules` describes one control, `remediation` what it may write into a resource.
"""
