"""Gates: Great Expectations suites as code and their verdicts; nothing here changes data."""
