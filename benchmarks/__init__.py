"""What is measured, each figure beside what it is compared with; see docs/performance.md."""
