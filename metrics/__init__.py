"""The method: definitions in YAML and facts become a scorecard; nothing here knows a database, a screen or a clock."""
