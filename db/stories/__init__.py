"""Stories in the archive: which article belongs to which, what is known of each, and what people decided.

Written in the transaction of the article that brought them. What threading and assessing decide is handed in
(`StoryRules`); nothing here knows how.
"""
