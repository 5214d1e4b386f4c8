"""Completeness: how it is shown that a delivery of the API is all there is.

A bare array does not say whether it is whole, so each delivery gets the strongest proof there is:

count           the source says how many records there are, and as many came
empty           there is no record, and no page size gives none
links           its pages were linked, and the last is shorter than one that had a page after it
longer answer   no page was linked, but the same server gave a longer answer: it did not cut this one
days at once    neighbouring days asked for in one question give as many records as one by one
unproven        none of these: the run says so

What contradicts a proof is a Problem, and nothing of the window is committed. What cannot be shown: that a server which
sends less than it has, and counts it the same, does so (docs/your-own-sources.md).
"""
