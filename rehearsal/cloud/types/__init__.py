"""Types that the pretend cloud knows: schemas of the SDK, the table of AWS's rules, notations of texts."""
