"""A duel of our evaluation of IAM with another's: `@cloud-copilot/iam-simulate`, a tool beside the project.

`make simulator` asks both the same questions and lists where they differ. The other is fetched by npx and isn't
installed; its licence (AGPL-3.0) keeps it out of everything else.
"""
