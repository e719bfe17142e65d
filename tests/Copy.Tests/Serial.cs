// These tests load both cores and count threads: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
