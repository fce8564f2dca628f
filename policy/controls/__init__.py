"""The controls: what a resource, a stack or a platform must look like, and how to tell before it is deployed.

`facts`, `graph` and `documents` read; `verdicts` judge in three values; `rules` describe one control;
one module per AWS service holds the rules of that service; `registry` lists them all; `sdk` turns them
into the policies that Pulumi runs. `platform` judges several stacks together. `exceptions` and `configured` read what
a team says of the rules; `remedies` is what a rule may write; `telling` lists what a preview left undecided. `pci`
adds the ids of one more standard; `coverage` counts the rules, and `handbook` writes their page.
"""
