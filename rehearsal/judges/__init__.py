"""Judges from outside, as a digest: what others than this project say of the values that AWS takes."""
