"""The loop: task -> context -> plan -> operations -> verdict -> commit -> report."""
