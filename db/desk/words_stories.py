"""What the pages of stories say, in English and Chinese; put together with the rest in db.desk.words."""

from __future__ import annotations

from collections.abc import Mapping

from db.vocabulary import Name

STORY_WORDS: Mapping[str, Name] = {
    # --- pages
    "today": Name("Today", "今日"),
    "stories": Name("Stories", "事件"),
    "story": Name("Story", "事件"),
    "article": Name("Article", "文章"),
    "sources": Name("Sources", "信源"),
    "deadlines": Name("Deadlines", "关键日期"),
    "policy": Name("Policy watch", "政策监测"),
    "date": Name("Date", "日期"),
    "evidence": Name("Evidence", "佐证"),
    # --- Today
    "edition_of": Name("Edition of {day}", "{day} 日报"),
    "edition_span": Name("What came in between {first} and {last}", "收录时段：{first} 至 {last}"),
    "held_back": Name(
        "Nothing has come in since; this is the edition of {day}, the last day with news.",
        "此后没有新内容，以下为最近一个有消息的日期 {day} 的日报。",
    ),
    "edition_sentence": Name(
        "{stories}, {unconfirmed} of them unconfirmed; {official} turned official, {denied} denied; {claims}. "
        "{seen} of {sources} sources seen.",
        "新增事件 {stories} 个，其中未证实 {unconfirmed} 个；{official} 个转为官宣，{denied} 个被否认；"
        "过度解读 {claims} 处。{sources} 个信源中已查看 {seen} 个。",
    ),
    "counted_stories": Name("{n} new stories", "{n}"),
    "counted_story": Name("1 new story", "1"),
    "counted_claims": Name("{n} articles go beyond the official text", "{n}"),
    "counted_claim": Name("1 article goes beyond the official text", "1"),
    "new_stories": Name("New stories", "新事件"),
    "turned_official": Name("Turned official", "转为官宣"),
    "turned_denied": Name("Denied", "被否认"),
    "still_unconfirmed": Name("Still unconfirmed", "仍未证实"),
    "over_claims": Name("Over-claims", "过度解读"),
    "sources_seen": Name("Sources seen", "已查看信源"),
    "before_span": Name("{n} in the two days before", "此前两天为 {n}"),
    "change_explained": Name("Small figures: the change against the two days before.", "小字为与此前两天相比的变化。"),
    "status_moves": Name("What became surer, or fell", "状态变化"),
    "became": Name("became", "变为"),
    "no_moves": Name("No story changed its status.", "没有事件的状态发生变化。"),
    "new_by_platform": Name("New, by platform", "各平台新事件"),
    "no_platform": Name("Around the platforms", "平台之外"),
    "no_new": Name("No new story.", "没有新事件。"),
    "all_stories": Name("All stories", "全部事件"),
    "none_unconfirmed": Name("Nothing of weight is waiting for confirmation.", "没有待证实的重要事件。"),
    "all_unconfirmed": Name("All that is unconfirmed", "全部未证实事件"),
    "no_claims": Name("No article went beyond the official text.", "没有文章超出官方口径。"),
    "seen_of": Name("{seen} of {sources} sources seen.", "{sources} 个信源中已查看 {seen} 个。"),
    "never_of": Name("{n} not yet tried.", "{n} 个尚未抓取。"),
    "stories_per_platform": Name("Stories by platform", "各平台事件数"),
    "bar_of_a_day": Name("One bar a day,", "每柱一天，"),
    "bar_of_days": Name("One bar every {n} days,", "每柱 {n} 天，"),
    "chart_days": Name("{name}: {n} stories from {first} to {last}", "{name}：{first} 至 {last} 共 {n} 个事件"),
    "status_flow": Name("From first word to present status", "状态流向"),
    "flow_note": Name(
        "Left, how the newest stories began; right, how they stand.",
        "左为最新事件的起始状态，右为当前状态。",
    ),
    "chart_flow": Name("Stories by first and present status", "按起始与当前状态统计的事件"),
    "other_editions": Name("Other editions", "往期日报"),
    "empty_crawl": Name("To read the sources:", "抓取信源："),
    "empty_demo": Name("To look at a small sample world first:", "先看看示例："),
    "empty_then": Name("Then load this page again.", "完成后刷新本页。"),
    # --- the list
    "stories_note": Name(
        "One row is one happening with all its coverage, in both languages. Every view has its own address.",
        "每条是一个事件及其全部中英文报道；每个视图都有固定链接。",
    ),
    "unknown_value": Name(
        "“{value}” is no value of {facet}; it finds nothing.", "“{value}”不是“{facet}”的有效值，无匹配结果。"
    ),
    "one_story": Name("1 story", "1 个事件"),
    "many_stories": Name("{n} stories or more", "至少 {n} 个事件"),
    "n_stories": Name("{n} stories", "{n} 个事件"),
    "sorted_by": Name("Order", "排序"),
    "sort_newest": Name("newest", "最新"),
    "sort_impact": Name("impact", "影响程度"),
    "sort_importance": Name("importance", "重要性"),
    "sort_articles": Name("coverage", "报道量"),
    "facet_status": Name("Status", "状态"),
    "facet_platform": Name("Platform", "平台"),
    "facet_type": Name("What happened", "事件类型"),
    "facet_impact": Name("Impact", "影响程度"),
    "facet_kind": Name("Kind of source", "信源类型"),
    "facet_language": Name("Language of articles", "文章语言"),
    "facet_day": Name("Day", "日期"),
    "facet_triage": Name("Triage", "处理状态"),
    "previous_page": Name("Previous page", "上一页"),
    "no_stories": Name("No story matches.", "没有符合条件的事件。"),
    "no_stories_do": Name(
        "Stories appear with the next crawl; for articles kept before, run:",
        "下次抓取后即会出现事件；对已收录的文章请运行：",
    ),
    "csv_guarded": Name("CSV for spreadsheets", "CSV（表格软件安全版）"),
    "view_is_link": Name(
        "The address of this page is the view: bookmark or share it.", "本页地址即当前视图，可收藏或分享。"
    ),
    "select_story": Name("Select: {line}", "选择：{line}"),
    "with_selected": Name("With the selected stories", "对所选事件"),
    "keys_list": Name(
        "Keys: j and k move, o opens, m marks as read, s marks as important.",
        "快捷键：j/k 上下移动，o 打开，m 标为已读，s 标为重要。",
    ),
    "keys_story": Name("Keys: m marks as read, s marks as important.", "快捷键：m 标为已读，s 标为重要。"),
    "tagline": Name(
        "What happened on the platforms, whether it is official, and what to do by when.",
        "平台发生了什么、是否官宣、何时前须做什么。",
    ),
    # --- cards
    "impact_short": Name("impact", "影响"),
    "touches": Name("touches", "影响对象"),
    "in_days": Name("in {n} days", "还有 {n} 天"),
    "today_is_it": Name("today", "今天"),
    "tomorrow": Name("tomorrow", "明天"),
    "more_articles_beyond": Name("More in this story: {n}", "本事件另有 {n} 篇"),
    "impact": Name("Impact", "影响程度"),
    "one_article": Name("1 article", "1 篇报道"),
    "coverage": Name("{articles} articles, {origins} independent", "{articles} 篇报道，{origins} 个独立信源"),
    # --- one story
    "set_by": Name("set by {name}", "由 {name} 设定"),
    "families": Name("{n} publishers", "{n} 家发布方"),
    "follows": Name("Follows", "前情"),
    "follow_ups": Name("What came of it", "后续事件"),
    "how_sure": Name("How sure it is, and since when", "确定程度与变化"),
    "no_moves_yet": Name("No status has been recorded yet.", "尚无状态记录。"),
    "not_in_official": Name("What the official text does not say", "官方口径没有说的"),
    "not_in_official_note": Name(
        "Each sentence beside the official one it can be compared with. No judgement of true or untrue: only what the "
        "official text in the archive says.",
        "将文章原句与可对照的官方原句并列。不评判真伪，只呈现库内官方口径的内容。",
    ),
    "no_claims_story": Name("No article of this story goes beyond the official text.", "本事件没有文章超出官方口径。"),
    "claims_agree": Name(
        "{n} of its articles say something that an official text says too.", "其中 {n} 篇文章有与官方一致的说法。"
    ),
    "claims_wait": Name(
        "{n} of its articles say something that waits for an official text.",
        "其中 {n} 篇文章的说法尚无官方口径可对照。",
    ),
    "no_official_text": Name(
        "No official source in the archive speaks of this story as of {at}.", "截至 {at}，库内没有官方信源提及此事。"
    ),
    "article_says": Name("The article says", "文章说"),
    "official_says": Name("The official text says", "官方口径"),
    "official_silent": Name(
        "No official source in the archive says this as of {at}.", "截至 {at}，库内没有官方信源这样说。"
    ),
    "is_over_claim": Name("Is this an over-claim?", "这是过度解读吗？"),
    "timeline": Name("Timeline", "时间线"),
    "timeline_note": Name(
        "In order of time; copies of one text stand together and count as one voice.",
        "按时间排列；同源转载归在一起，只算一个独立信源。",
    ),
    "copies_n": Name("{n} more of the same text", "同源转载 {n} 篇"),
    "here_because": Name("Here because of", "归入依据"),
    "here_first": Name("The first of this story.", "本事件首发。"),
    "show_all_articles": Name("Show all {n} articles", "显示全部 {n} 篇"),
    "facts": Name("The facts", "要点"),
    "first_told": Name("First told", "首次出现"),
    "last_told": Name("Last told", "最近报道"),
    "two_numbers": Name("Importance and credibility", "重要性与可信度"),
    "importance": Name("Importance", "重要性"),
    "credibility": Name("Credibility", "可信度"),
    "decisions": Name("Joins and splits", "合并与拆分"),
    "rows_below": Name("The rows below", "查看数据行"),
    # --- triage
    "lookalike": Name("not the official address", "疑似仿冒地址"),
    "n_origins": Name("{n} independent origins", "{n} 个独立信源"),
    "some_of": Name("some {name}", "部分{name}"),
    "figure_over": Name("more than {figure}", "超过 {figure}"),
    "figure_about": Name("about {figure}", "约 {figure}"),
    "colon": Name(": ", "："),
    "comma": Name(", ", "、"),
    "more_claims": Name("{n} more", "另有 {n} 处"),
    "triage": Name("Triage", "处理"),
    "do_read": Name("Read", "已读"),
    "do_important": Name("Important", "重要"),
    "do_noise": Name("Noise", "噪音"),
    "do_owner": Name("Assign", "指派"),
    "do_hand_over": Name("Hand over", "移交"),
    "do_note": Name("Add note", "添加备注"),
    "do_wrong_story": Name("Wrong story", "不属于本事件"),
    "correct_it": Name("Something is wrong here", "纠正"),
    "right_story": Name("Number or address of the right story", "应归入的事件编号或网址"),
    "right_story_note": Name("Empty: it becomes a story of its own.", "留空则单独成为一个事件。"),
    "take_back": Name("Said by {by}; press to take it back", "由 {by} 标记，点击撤销"),
    "judged_by": Name("Judged by {name}", "{name} 的判断"),
    "problem_gone": Name("The article is not in this story any more.", "该文章已不在本事件中。"),
    "problem_alone": Name(
        "It is the only article of this story: name the story it belongs to.",
        "这是本事件唯一的文章：请填写应归入的事件。",
    ),
    "problem_story": Name(
        "There is no such other story. Copy the address of its page.", "没有找到该事件，请复制其页面网址。"
    ),
    "problem_later": Name(
        "Something that was decided later rests on it; undo that first.", "之后的决定以此为前提，请先撤销后者。"
    ),
    "do_wrong_tag": Name("Wrong tag", "标签有误"),
    "owner": Name("Owner", "负责人"),
    "note": Name("Note", "备注"),
    "undo": Name("Undo", "撤销"),
    "undone_by": Name("undone by {name}", "已由 {name} 撤销"),
    "no_triage": Name("Nobody has said anything yet.", "尚无人处理。"),
    "saved": Name("Saved.", "已保存。"),
    # --- search
    "search_for": Name("Search for", "搜索内容"),
    "grammar": Name(
        "Chinese and English at once: names find each other (亚马逊 finds Amazon). “Quotation marks” keep words "
        "together, -word leaves out, OR joins two. Other words are found as they are written: “de minimis” OR 小额.",
        "中英文一并检索，名称互通（搜“亚马逊”也能找到 Amazon）。引号内为词组，-词 表示排除，OR 表示任一。"
        "其他词语按原文查找，例如：“de minimis” OR 小额。",
    ),
    "days_back": Name("Going back", "回溯时间"),
    "more_than": Name("more than {n} articles", "超过 {n} 篇文章"),
    "n_hits": Name("{n} articles", "{n} 篇文章"),
    "one_hit": Name("1 article", "1 篇文章"),
    "newest_first": Name("common words: newest first", "常见词：最新在前"),
    "best_first": Name("best first", "最相关在前"),
    # --- scoreboard, quality
    "scoreboard": Name("Scoreboard", "信源评分"),
    "scoreboard_note": Name(
        "How early a source is and how often it is borne out: two things, never mixed. Copies count once; a share of "
        "fewer than {least} decided stories says nothing yet and is not shown.",
        "信源有多快、有多准：两者分开衡量。同源转载只计一次；已有结论的事件少于 {least} 个时不显示比例。",
    ),
    "ahead": Name("{span} ahead", "早 {span}"),
    "behind": Name("{span} behind", "晚 {span}"),
    "of_story": Name("of 1 story", "共 1 个事件"),
    "of_text": Name("of 1 article", "共 1 篇"),
    "of_stories": Name("of {n} stories", "共 {n} 个事件"),
    "of_texts": Name("of {n} articles", "共 {n} 篇"),
    "lead": Name("Against the official text", "比官宣早或晚"),
    "lead_note": Name(
        "Median, then the middle half of the stories; ± is the time between two crawls.",
        "中位数与居中一半事件的区间；± 为两次抓取的间隔。",
    ),
    "share_confirmed": Name("Later confirmed", "后获证实"),
    "share_confirmed_note": Name(
        "(confirmed + 3) / (decided + 6), with a 90 % interval.", "（证实数 + 3）/（有结论数 + 6），附 90% 区间。"
    ),
    "rate_over": Name("Over-claims", "过度解读"),
    "rate_over_note": Name(
        "Own texts that go beyond or against the official one.", "自有文章中超出或违背官方口径的比例。"
    ),
    "rate_echo": Name("Echo", "转载"),
    "rate_echo_note": Name("Texts that began elsewhere.", "源自他处的文章比例。"),
    "rate_noise": Name("Noise", "噪音"),
    "rate_noise_note": Name(
        "Articles without news, by rule or by a reader's word.", "经规则或人工判为无新闻价值的比例。"
    ),
    "quality": Name("Quality card", "质量卡"),
    "quality_note": Name(
        "What this archive says of itself: figures counted from its rows and from people's answers.",
        "本库的自我检视：由数据行与人工反馈统计得出。",
    ),
    "quality_texts": Name("Texts", "文本"),
    "articles_kept": Name("Articles kept", "已收录文章"),
    "signals_noise": Name("{signals} signals, {noise} noise", "要闻 {signals}，噪音 {noise}"),
    "of_newest": Name("of the newest {n}", "最新 {n} 篇"),
    "quality_doubtful": Name("Text doubtful or empty", "正文存疑或为空"),
    "quality_undated": Name("Without a date of publication", "无发布日期"),
    "quality_copies": Name("Copies of another text", "同源转载"),
    "quality_flagged": Name("With a note of the reader", "带处理备注"),
    "people_said": Name("What people said", "人工反馈"),
    "claims_judged": Name("{yes} borne out, {no} found fair", "{yes} 处属实，{no} 处表述合理"),
    "quality_eval": Name("Scores on the shipped labelled sets:", "随附标注集的评分："),
    "sql_label": Name("One SELECT statement; at most one second and 500 rows", "一条 SELECT 语句，限一秒、500 行"),
    "sql_run": Name("Run", "执行"),
    # --- feeds
    "feeds_title": Name("Feeds and calendar", "订阅与日历"),
    "feeds_note": Name(
        "Every view of the stories can be read by a feed reader, the dates by a calendar.",
        "任一事件视图均可用阅读器订阅，关键日期可用日历订阅。",
    ),
    "feeds_views": Name(
        "The parameters of a list work here too, for example ?platform=tiktok&status=official; lang=zh or lang=en sets "
        "the language.",
        "列表的参数在此同样有效，例如 ?platform=tiktok&status=official；lang=zh 或 lang=en 指定语言。",
    ),
    "tokens": Name("Tokens for programs", "程序访问令牌"),
    "tokens_note": Name(
        "A program that can not log in reads these addresses with a token. Whoever has the token can read them until "
        "it is revoked.",
        "无法登录的程序可凭令牌读取上述地址；持有令牌者均可读取，直至令牌被撤销。",
    ),
    "too_many_tokens": Name("There are too many tokens; revoke one first.", "令牌过多，请先撤销一个。"),
    "token_made": Name(
        "The new token, shown only now; put it at the end of an address:", "新令牌仅显示这一次，请附在地址末尾："
    ),
    "token_label": Name("What it is for", "用途"),
    "token_make": Name("Make a token", "生成令牌"),
    "token_revoke": Name("Revoke", "撤销"),
    "token_revoked": Name("revoked by {name}", "已由 {name} 撤销"),
    "no_tokens": Name("There is no token yet.", "尚无令牌。"),
    # --- deadlines, policy, sources
    "deadlines_note": Name(
        "Days by which something has to be done, or from which something holds, each with its sentence.",
        "需在此前完成、或自此生效的日期，均附原句。",
    ),
    "calendar_file": Name("Calendar (.ics)", "日历文件（.ics）"),
    "feeds_for_programs": Name("Addresses for feed readers and calendars", "供阅读器与日历使用的地址"),
    "coming": Name("To come", "即将到来"),
    "gone_by": Name("Gone by", "已过"),
    "no_deadlines": Name("No date lies ahead.", "暂无即将到来的日期。"),
    "no_deadlines_do": Name("Dates appear as soon as a text names one.", "文章提到日期后会显示在此。"),
    "policy_note": Name(
        "Pages of rules and fees that are read again at each crawl: what changed for their readers, old and new "
        "wording, and the story of it. Moved blocks, dates of editing and counters are no change.",
        "每次抓取都会重读的规则与费用页面：对读者有意义的变更、新旧文字及所属事件。版块移动、编辑日期与计数不算变更。",
    ),
    "edits_waiting": Name(
        "{n} edits were seen and are read at the end of the next crawl.", "已发现 {n} 处修改，将在下次抓取结束时比对。"
    ),
    "edit_no_story": Name("Part of no story.", "未归入任何事件。"),
    "more_changes": Name("{n} more changes", "另有 {n} 处变更"),
    "wording_before": Name("before:", "原文："),
    "wording_after": Name("now:", "现文："),
    "wording_new": Name("new:", "新增："),
    "wording_gone": Name("no longer there:", "已删除："),
    "wording_words": Name("reworded:", "改写："),
    "old_and_new": Name("Old and new wording", "新旧文字"),
    "wording_next": Name("What the next wording changed", "下一版的变更"),
    "wording_both": Name("Both wordings in full", "新旧全文对照"),
    "removed": Name("removed:", "删去："),
    "added": Name("added:", "加入："),
    "no_change_yet": Name("no change yet", "尚无变更"),
    "last_seen": Name("last seen", "最近读到"),
    "now_at": Name("now at", "现位于"),
    "changed_at": Name("Change seen", "发现变更"),
    "no_changes": Name("No watched page has changed yet.", "监测页面尚无变更。"),
    "no_changes_do": Name("Changes appear from the second reading of a page on.", "从第二次读取页面起会显示变更。"),
    "watched_pages": Name("Watched pages", "监测页面"),
    "no_watched": Name("No source of access “page” is switched on.", "没有启用“网页监测”类信源。"),
    "last_change": Name("Last change", "最近变更"),
    "sources_note": Name(
        "Every place that is watched: how it is doing, why, and how the last 30 days went.",
        "所有受监测的信源：当前状态、原因，以及近 30 天的情况。",
    ),
    "thirty_days": Name("Last 30 days", "近 30 天"),
    "strip_legend": Name("One mark a day", "每格一天"),
    "no_crawl": Name("no crawl", "未抓取"),
    "chart_strip": Name("Last {n} days, {bad} of them with trouble", "近 {n} 天，其中 {bad} 天异常"),
    "every_days": Name("about every {n} days", "约每 {n} 天"),
    "every_hours": Name("about every {n} hours", "约每 {n} 小时"),
    "every_minutes": Name("about every {n} minutes", "约每 {n} 分钟"),
    "rhythm_unknown": Name("not known yet", "暂无数据"),
    "all_of_source": Name("All {n} articles of this source", "该信源全部 {n} 篇文章"),
}
