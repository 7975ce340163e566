"""What the desk says in its own name, in English and Chinese. Names of entities, types and kinds are in db.vocabulary.

A word that is asked for and not here is a KeyError, never an empty label.
"""

from __future__ import annotations

from collections.abc import Mapping

from db.desk.reader import pick
from db.desk.words_clip import CLIP_WORDS
from db.desk.words_stories import STORY_WORDS
from db.desk.words_values import STORY_VALUES
from db.vocabulary import Name

WORDS: Mapping[str, Name] = {
    **STORY_WORDS,
    **CLIP_WORDS,
    # --- frame
    "product": Name("Masthead", "Masthead 瞭望台"),
    "skip": Name("Skip to the content", "跳到正文"),
    "tables": Name("Tables", "数据表"),
    "other_language": Name("中文", "English"),
    "log_in": Name("Log in", "登录"),
    "log_out": Name("Log out", "退出登录"),
    "password": Name("Password", "密码"),
    "user_name": Name("Name", "用户名"),
    "wrong_login": Name("Name or password is not right.", "用户名或密码不正确。"),
    "wrong_password": Name("That password is not right.", "密码不正确。"),
    "login_note": Name("This desk is open to people of the team only.", "本站仅供团队成员访问。"),
    "log_out_question": Name("Log out of this desk?", "确定要退出登录吗？"),
    "footer": Name(
        "Times are in {zone}. Served by Datasette from {db}.",
        "时间均为 {zone} 时区。由 Datasette 提供，数据来自 {db}。",
    ),
    "breadcrumb": Name("You are here", "当前位置"),
    "main_menu": Name("Main menu", "主菜单"),
    # --- home
    "last_crawl": Name("Last crawl", "最近一次抓取"),
    "never_crawled": Name("There has been no crawl yet.", "还没有抓取过。"),
    "start_here": Name("Start here", "从这里开始"),
    "blind_spots": Name("Could not be seen", "盲点信源"),
    "no_blind_spots": Name("Every source was seen at its last crawl.", "所有信源最近一次均正常。"),
    "days": Name("{n} days", "{n} 天"),
    "all": Name("all", "全部"),
    "since": Name("since", "自"),
    "what_is_here": Name("Everything that is kept", "全部数据"),
    "empty_title": Name("Nothing has been collected yet", "还没有收集任何内容"),
    # --- tables
    "rows": Name("{n} rows", "{n} 条"),
    "one_row": Name("1 row", "1 条"),
    "many_rows": Name("very many rows", "条目很多"),
    "no_rows": Name("Nothing matches.", "没有符合条件的内容。"),
    "no_rows_do": Name("Remove a filter, or search with fewer words.", "请减少筛选条件，或换用更少的关键词。"),
    "newest_only": Name("Common words: the newest that match are shown.", "常见词：仅显示最新的匹配结果。"),
    "filters": Name("Filters", "筛选"),
    "to_filters": Name("Go to the filters", "跳到筛选"),
    "chosen": Name("Chosen", "已选"),
    "remove": Name("remove", "移除"),
    "remove_all": Name("remove all", "全部移除"),
    "more_filters": Name("Filter by any column", "按任意列筛选"),
    "column": Name("Column", "列"),
    "comparison": Name("Comparison", "条件"),
    "value": Name("Value", "值"),
    "apply": Name("Apply", "应用"),
    "search": Name("Search", "搜索"),
    "search_articles": Name("Search the articles, Chinese or English", "搜索文章，中英文均可"),
    "more_values": Name("and more", "更多未列出"),
    "next_page": Name("Next page", "下一页"),
    "export": Name("Export", "导出"),
    "as_csv": Name("CSV", "CSV"),
    "as_json": Name("JSON", "JSON"),
    "columns_explained": Name("What the columns mean", "各列说明"),
    "facet_slow": Name("Too much to count quickly: {names}", "数据过多，未能及时统计：{names}"),
    "links_here": Name("Belonging rows", "相关数据"),
    "cut_off": Name("Only the first {n} are shown.", "仅显示前 {n} 条。"),
    # --- one article, one source
    "open_original": Name("Open the original", "打开原文"),
    "no_address": Name("no usable address", "无可用链接"),
    "no_title": Name("(no title)", "（无标题）"),
    "published": Name("Published", "发布"),
    "first_seen": Name("first seen", "首见"),
    "no_published": Name("no publication date given", "未注明发布时间"),
    "by": Name("by", "作者"),
    "what_happened": Name("What the text says happened", "文中事件"),
    "no_events": Name("No event was found in this text.", "未在文中识别到事件。"),
    "named": Name("Named in it", "提到的主体"),
    "text": Name("Text", "正文"),
    "lead_only": Name(
        "Only the lead is kept for this source; the rest is at the original.", "该信源仅保存导语，全文请见原文。"
    ),
    "copies": Name("Copies of the same text", "同源转载"),
    "copies_note": Name("One origin: these count as one voice.", "属同一来源，只算一个独立信源。"),
    "revisions": Name("Earlier versions", "历次修改"),
    "effective": Name("in force from", "生效日期"),
    "notes": Name("Notes on this article", "处理备注"),
    "what_to_do": Name("What to do", "处理建议"),
    "last_runs": Name("Last crawls", "最近抓取"),
    "newest_articles": Name("Newest articles", "最新文章"),
    "speaks_for": Name("speaks for", "官方代表"),
    "switched_off": Name("switched off", "已停用"),
    "details": Name("All fields", "全部字段"),
    "yes": Name("yes", "是"),
    "no": Name("no", "否"),
    "binary": Name("{n} bytes", "{n} 字节"),
    # --- refusals
    "err_404": Name("There is nothing at this address.", "此地址没有内容。"),
    "err_403": Name("This is not open to you.", "无权访问。"),
    "err_405": Name("This desk can only be read.", "本站只读。"),
    "err_400": Name("This address can not be understood.", "无法识别的请求地址。"),
    "err_421": Name("This desk does not answer to that host name.", "本站不响应该主机名。"),
    "err_429": Name("Too many attempts; wait a minute.", "尝试次数过多，请稍候一分钟。"),
    "err_500": Name("Something went wrong on our side; the log has the reason.", "程序出错，原因见日志。"),
    "err_503": Name("The archive can not be read just now.", "暂时无法读取数据库。"),
    "err_slow": Name("This question takes too long to answer.", "查询耗时过长，已停止。"),
    "do_400": Name("Go back and try it in a simpler form.", "请返回并简化条件后重试。"),
    "do_403": Name("Ask the person who runs this desk.", "请联系本站维护者。"),
    "do_404": Name("Start again at the home page.", "请从首页重新进入。"),
    "do_405": Name("Start again at the home page.", "请从首页重新进入。"),
    "do_421": Name(
        "Open it by the address it was started with; another name has to be configured as its host.",
        "请使用启动时的地址访问；其他主机名需先在配置中设为 host。",
    ),
    "do_429": Name("Then try again.", "稍后再试。"),
    "do_500": Name("Try again; if it stays, pass the log on.", "请重试；若仍出错，请附日志反馈。"),
    "do_slow": Name("Narrow it: a day, a source, a platform.", "请缩小范围，例如限定日期、信源或平台。"),
}

#: Names of the values of columns with a fixed set of them, beside db.vocabulary.
VALUES: Mapping[str, Mapping[str, Name]] = {
    **STORY_VALUES,
    "state": {
        "ok": Name("ok", "正常"),
        "quiet": Name("nothing new", "暂无更新"),
        "silent": Name("silent too long", "久未更新"),
        "drift": Name("changed shape", "疑似改版"),
        "refused": Name("refused", "被拒"),
        "robots": Name("closed to robots", "robots 禁止"),
        "broken": Name("broken", "故障"),
        "never": Name("not yet tried", "未抓取"),
    },
    "outcome": {
        "running": Name("running", "进行中"),
        "good": Name("good", "成功"),
        "partial": Name("partial", "部分成功"),
        "failed": Name("failed", "失败"),
        "interrupted": Name("interrupted", "已中断"),
        "crashed": Name("crashed", "意外终止"),
    },
    "attribution": {
        "official": Name("tells an official announcement", "转述官方发布"),
        "reported": Name("reported", "已报道"),
        "anonymous": Name("unnamed sources", "匿名消息"),
    },
    "polarity": {"asserted": Name("asserted", "肯定"), "denied": Name("denied", "否认")},
    "modality": {
        "done": Name("done", "已发生"),
        "planned": Name("planned", "计划中"),
        "possible": Name("possible", "可能"),
    },
    "relevance": {
        "2": Name("signal", "要闻"),
        "1": Name("background", "背景"),
        "0": Name("noise", "噪音"),
    },
    "quality": {
        "ok": Name("good", "良好"),
        "short": Name("short", "过短"),
        "doubtful": Name("doubtful", "存疑"),
        "empty": Name("empty", "空"),
    },
    "field": {"title": Name("headline", "标题"), "text": Name("text", "正文")},
    "purpose": {
        "robots": Name("robots.txt", "robots.txt"),
        "source": Name("the source", "信源"),
        "article": Name("an article", "文章"),
    },
    "form": {
        "article": Name("article", "文章"),
        "page": Name("watched page", "监测页面"),
        "change": Name("page change", "页面变更"),
    },
    "copy_kind": {
        "exact": Name("word for word", "逐字相同"),
        "similar": Name("nearly the same", "近似"),
        "contained": Name("contained in another", "被包含"),
    },
    "keep_text": {"full": Name("full text", "全文"), "lead": Name("lead only", "仅导语")},
    "entity_kind": {
        "platform": Name("platform", "平台"),
        "company": Name("company", "公司"),
        "carrier": Name("carrier", "承运商"),
        "authority": Name("authority", "监管机构"),
    },
    "role": {
        "effective": Name("in force", "生效"),
        "announced": Name("announced", "宣布"),
        "deadline": Name("deadline", "截止"),
        "event": Name("event", "事件"),
    },
    "party": {
        "agent": Name("acting", "主动方"),
        "patient": Name("concerned", "受影响方"),
        "between": Name("between", "双方"),
    },
}

#: Datasette's comparisons, by their key in an address.
COMPARISONS: Mapping[str, Name] = {
    "exact": Name("is", "等于"),
    "not": Name("is not", "不等于"),
    "contains": Name("contains", "包含"),
    "endswith": Name("ends with", "结尾为"),
    "startswith": Name("begins with", "开头为"),
    "gt": Name("is more than", "大于"),
    "gte": Name("is at least", "不小于"),
    "lt": Name("is less than", "小于"),
    "lte": Name("is at most", "不大于"),
    "like": Name("is like (% and _)", "匹配（% 与 _）"),
    "notlike": Name("is not like", "不匹配"),
    "glob": Name("matches (* and ?)", "匹配（* 与 ?）"),
    "in": Name("is one of", "属于"),
    "notin": Name("is none of", "不属于"),
    "has": Name("includes", "含有"),
    "arraycontains": Name("includes", "含有"),
    "arraynotcontains": Name("does not include", "不含有"),
    "date": Name("is on the day", "日期为"),
    "isnull": Name("is missing", "为空值"),
    "notnull": Name("is there", "非空值"),
    "isblank": Name("is blank", "为空"),
    "notblank": Name("is not blank", "不为空"),
}


def say(key: str, **parts: object) -> str:
    """The desk's word for `key` in the reader's language, its {gaps} filled."""
    return pick(WORDS[key]).format(**parts)
