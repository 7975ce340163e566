"""Every error of Masthead, and the one table of codes that commands, logs and pages show.

MastheadError                       code, message; `about` says what it concerns
├── UsageError            exit 2    unknown source, command or option; refused bind
├── StoreError            exit 3    full, locked, read-only, corrupt, newer or replaced store
├── DataFileError         exit 4    a configuration, catalogue or lexicon file is refused: file, line, key
├── AlreadyRunning        exit 5    another process holds the lock
├── MailError             exit 7    a mail did not go out
├── FetchError                      one request failed; a value in the run report, never the end of a run
└── ParseError                      one answer could not be read; likewise
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["hard", "soft", "passing", "note"]

#: What a failure adds to a source's weight (design.md, "Sources and health"); a note adds nothing.
WEIGHTS: dict[Severity, float] = {"hard": 1.0, "soft": 0.5, "passing": 0.25, "note": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table: a stable code, what it means in both languages, and what a person should do."""

    severity: Severity
    retry: bool
    en: str
    zh: str
    do_en: str
    do_zh: str


def _code(severity: Severity, retry: bool, en: str, zh: str, do_en: str, do_zh: str) -> Code:
    return Code(severity=severity, retry=retry, en=en, zh=zh, do_en=do_en, do_zh=do_zh)


_WAIT = ("Nothing; it is tried again at the next crawl.", "无需处理，下次抓取会再试。")
_FIX_URL = ("Open the address in a browser and correct the source's url.", "在浏览器中打开该地址，并更正信源的 url。")
_NOTED = ("Nothing; the item is kept and marked.", "无需处理，条目已保留并标注。")

CODES: dict[str, Code] = {
    # --- refused by us, for safety
    "blocked_address": _code(
        "hard",
        False,
        "The address leads to a private or local network and was not contacted.",
        "该地址指向内网或本机，未连接。",
        "If it is your intranet, list it in the source's allow_addresses.",
        "若确为内网，请在该信源的 allow_addresses 中列出。",
    ),
    "blocked_host": _code(
        "hard",
        False,
        "This host is never fetched (LinkedIn).",
        "该主机永不抓取（LinkedIn）。",
        "Use a mailbox, a feed or a clip for this person.",
        "请改用邮件、订阅源或手动摘录关注此人。",
    ),
    "bad_scheme": _code(
        "hard",
        False,
        "The address is not http or https and was not followed.",
        "地址不是 http 或 https，未跟随。",
        *_FIX_URL,
    ),
    "tls_downgrade": _code(
        "hard",
        False,
        "An https source redirects to plain http; not followed.",
        "https 信源跳转到明文 http，未跟随。",
        *_FIX_URL,
    ),
    "dtd_forbidden": _code(
        "hard",
        False,
        "The document declares its own entities (DTD) and was not parsed.",
        "文档自带实体声明（DTD），未解析。",
        "Ask the publisher for a plain feed, or disable the source.",
        "请联系发布方提供普通订阅源，或停用该信源。",
    ),
    "too_large": _code(
        "hard",
        False,
        "The answer is larger than allowed and was cut off.",
        "响应超过允许的大小，已中断。",
        "Raise max_bytes of the source only if you trust it.",
        "仅在信任该信源时调高 max_bytes。",
    ),
    "too_deep": _code(
        "hard", False, "The document is nested too deeply to be read safely.", "文档嵌套过深，无法安全读取。", *_FIX_URL
    ),
    "header_flood": _code(
        "hard",
        False,
        "The server sent endless headers; the request was ended.",
        "服务器发送无尽的响应头，请求已结束。",
        *_FIX_URL,
    ),
    # --- the network
    "dns_error": _code("soft", True, "The host name could not be resolved.", "无法解析主机名。", *_FIX_URL),
    "tls_error": _code(
        "hard",
        False,
        "The server's certificate could not be trusted.",
        "无法信任服务器证书。",
        "Check the address; a private authority belongs into ca_file.",
        "请检查地址；自建证书机构请填入 ca_file。",
    ),
    "timeout": _code("soft", True, "The server did not answer in time.", "服务器未在时限内响应。", *_WAIT),
    "connection_lost": _code("passing", True, "The connection was refused or broke off.", "连接被拒绝或中断。", *_WAIT),
    "truncated": _code("passing", True, "The answer ended before it was complete.", "响应未完整即结束。", *_WAIT),
    "bad_encoding": _code(
        "hard",
        False,
        "The server sent a compression we did not ask for, or one that is damaged.",
        "服务器使用了未请求的压缩方式，或压缩数据已损坏。",
        *_FIX_URL,
    ),
    "source_deadline": _code(
        "soft",
        True,
        "The source used up its ten minutes; what was finished is kept.",
        "该信源用完了十分钟时限，已完成部分已保存。",
        *_WAIT,
    ),
    "run_deadline": _code(
        "passing",
        True,
        "The whole crawl used up its time before this source was done; what was finished is kept.",
        "整次抓取用完时限，该信源未完成；已完成部分已保存。",
        *_WAIT,
    ),
    "network_down": _code(
        "passing",
        True,
        "No source could be reached: this machine seems to be offline.",
        "所有信源均无法连接：本机似乎断网。",
        "Check the network of this machine.",
        "请检查本机网络。",
    ),
    "run_killed": _code(
        "soft", True, "The crawl process ended before this source was done.", "抓取进程在完成该信源之前结束。", *_WAIT
    ),
    "unverified_transport": _code(
        "note",
        False,
        "Fetched without a verified certificate, as the source allows.",
        "按该信源设置，未验证证书即抓取。",
        *_NOTED,
    ),
    # --- HTTP
    "too_many_redirects": _code(
        "hard", False, "The address redirects in a loop or too often.", "地址循环跳转或跳转过多。", *_FIX_URL
    ),
    "moved": _code(
        "hard",
        False,
        "The address moved for good to another registered domain.",
        "地址已永久迁移到另一注册域名。",
        "Open the new address; if it is the same publisher, change the source's url.",
        "打开新地址；若为同一发布方，请修改信源的 url。",
    ),
    "page_moved": _code(
        "hard",
        False,
        "The watched page now answers at another address of its site.",
        "受监测页面已改在同站另一地址。",
        "Open the new address; if it is the same page, accept it with `masthead sources review`.",
        "打开新地址；若为同一页面，请用 `masthead sources review` 接受。",
    ),
    "page_replaced": _code(
        "hard",
        False,
        "The watched page shows something else: next to nothing of its known wording is left. That wording is kept.",
        "受监测页面显示的已是其他内容：已知文字几乎全无。原文字已保留。",
        "Open the page: behind a login or a new template, mend url or [page]; if it was really rewritten, give the "
        "source a new id.",
        "打开页面查看：若需登录或模板已改，请修改 url 或 [page]；若确已整页改写，请为信源换一个新 id。",
    ),
    "offsite_redirect": _code(
        "note",
        False,
        "The article redirects to another publisher; the feed's text is kept.",
        "文章跳转到其他站点，保留订阅源文本。",
        *_NOTED,
    ),
    "forbidden": _code(
        "hard",
        False,
        "The server refuses us (401, 403, 451).",
        "服务器拒绝访问（401、403、451）。",
        "Use another channel of this publisher; we never disguise ourselves.",
        "请改用该发布方的其他渠道；我们从不伪装。",
    ),
    "rate_limited": _code(
        "soft", False, "The server asks us to come less often (429).", "服务器要求降低访问频率（429）。", *_WAIT
    ),
    "retry_later": _code(
        "note",
        False,
        "The server asked us to wait; it was not contacted yet.",
        "服务器要求等待，尚未再次联系。",
        *_WAIT,
    ),
    "unavailable": _code("soft", True, "The server has an error of its own (5xx).", "服务器自身出错（5xx）。", *_WAIT),
    "gone": _code(
        "hard",
        False,
        "There is nothing at this address any more (404, 410).",
        "该地址已无内容（404、410）。",
        *_FIX_URL,
    ),
    "http_error": _code(
        "hard", False, "The server answered with an unusual status.", "服务器返回异常状态。", *_FIX_URL
    ),
    # --- robots.txt
    "robots_disallowed": _code(
        "hard",
        False,
        "robots.txt forbids this address; it was not fetched.",
        "robots.txt 禁止抓取该地址，未抓取。",
        "Use a feed or another channel the publisher allows.",
        "请改用发布方允许的订阅源或其他渠道。",
    ),
    "robots_unreachable": _code(
        "soft",
        False,
        "robots.txt could not be read, so nothing was fetched; asked again in an hour.",
        "无法读取 robots.txt，因此未抓取；一小时后再试。",
        *_WAIT,
    ),
    # --- a 200 that is no answer
    "challenge_page": _code(
        "hard",
        False,
        "A bot check came instead of the content.",
        "返回的是人机验证页，而非内容。",
        "Use another channel of this publisher; we never disguise ourselves.",
        "请改用该发布方的其他渠道；我们从不伪装。",
    ),
    "login_page": _code(
        "hard",
        False,
        "A login or subscription page came instead of the content.",
        "返回的是登录或订阅页，而非内容。",
        "Use a newsletter or a clip.",
        "请改用邮件订阅或手动摘录。",
    ),
    "consent_page": _code(
        "hard", False, "A consent page came instead of the content.", "返回的是隐私同意页，而非内容。", *_FIX_URL
    ),
    "soft_404": _code(
        "hard", False, 'A "not found" page came with status 200.', "返回状态 200 的“页面不存在”。", *_FIX_URL
    ),
    "parked_domain": _code("hard", False, "The domain is parked or for sale.", "域名已停放或待售。", *_FIX_URL),
    "empty_body": _code("hard", False, "The answer was empty.", "响应为空。", *_FIX_URL),
    "not_a_feed": _code("hard", False, "The answer is not a feed.", "响应不是订阅源（feed）。", *_FIX_URL),
    "not_a_sitemap": _code("hard", False, "The answer is not a sitemap.", "响应不是站点地图（sitemap）。", *_FIX_URL),
    "not_json": _code("hard", False, "The answer is not valid JSON.", "响应不是有效的 JSON。", *_FIX_URL),
    "not_html": _code("hard", False, "The answer is not an HTML page.", "响应不是 HTML 页面。", *_FIX_URL),
    "too_few_items": _code(
        "hard",
        False,
        "Fewer entries than the source promises: its page may have changed.",
        "条目少于该信源的承诺：页面可能已改版。",
        "Compare the page with the source's selectors and allow_links.",
        "请将页面与信源的选择器和 allow_links 对照。",
    ),
    "no_dates": _code(
        "soft",
        False,
        "The entries carry no dates any more: the template may have changed.",
        "条目不再带日期：模板可能已改版。",
        "Compare the page with the source's date selector or field.",
        "请核对信源的日期选择器或字段。",
    ),
    "thin_text": _code(
        "soft",
        False,
        "The articles come with hardly any text any more: the template may have changed, or their pages are closed.",
        "文章几乎不再有正文：模板可能已改版，或页面已不可读。",
        "Open one of them and compare it with the source's [page] selectors.",
        "请打开其中一篇，与信源的 [page] 选择器对照。",
    ),
    "no_titles": _code(
        "soft",
        False,
        "The articles carry no titles any more: the template may have changed.",
        "文章不再带标题：模板可能已改版。",
        "Compare the page with the source's title selector or field.",
        "请核对信源的标题选择器或字段。",
    ),
    "source_bug": _code(
        "hard",
        False,
        "Our own code failed on this source; the log has the trace.",
        "本程序在处理该信源时出错，详见日志。",
        "Report it with the log.",
        "请附日志反馈。",
    ),
    # --- one item
    "bad_link": _code(
        "note",
        False,
        "The item's link is missing or not http(s); it was dropped.",
        "条目链接缺失或不是 http(s)，已去除。",
        *_NOTED,
    ),
    "future_date": _code(
        "note",
        False,
        "The item is dated more than a day ahead; the time we saw it is used.",
        "条目日期超前一天以上，改用首见时间。",
        *_NOTED,
    ),
    "no_date": _code(
        "note",
        False,
        "The item has no readable date; the time we saw it is used.",
        "条目没有可读的日期，改用首见时间。",
        *_NOTED,
    ),
    "too_old": _code(
        "note",
        False,
        "The item is older than the source's max_age_days and was left out.",
        "条目早于信源的 max_age_days，已略过。",
        *_NOTED,
    ),
    "charset_guess": _code(
        "note",
        False,
        "The text encoding was not declared rightly and had to be found.",
        "未正确声明编码，已自动判断。",
        *_NOTED,
    ),
    "mojibake": _code(
        "note",
        False,
        "The text could not be decoded reliably and was not tagged.",
        "文本无法可靠解码，未打标签。",
        *_NOTED,
    ),
    "clipped": _code(
        "note",
        False,
        "Captured by hand: a short quotation, not the whole text; the page was not read.",
        "手动摘录：仅为简短引文，并非全文；未读取该页面。",
        *_NOTED,
    ),
    "partial_parse": _code(
        "note", False, "The document is damaged; what could be read was kept.", "文档有损坏，已保留可读部分。", *_NOTED
    ),
    "capped": _code(
        "note", False, "More entries than allowed; the newest were taken.", "条目超过上限，已取最新部分。", *_NOTED
    ),
    "cut_text": _code(
        "note", False, "The text was longer than allowed and was cut.", "文本超过长度上限，已截断。", *_NOTED
    ),
    "page_unread": _code(
        "note",
        True,
        "The article page could not be read; the feed's own text is kept.",
        "无法读取文章页面，保留订阅源文本。",
        *_NOTED,
    ),
    "offsite_link": _code(
        "note",
        False,
        "The link leads to a host that is not the source's own; it was not fetched.",
        "链接指向非本信源的主机，未抓取。",
        *_NOTED,
    ),
    "lookalike": _code(
        "note",
        False,
        "The host resembles an official one but is not registered for it.",
        "主机与官方域名相似，但并非其登记域名。",
        *_NOTED,
    ),
    "extract_timeout": _code(
        "note",
        False,
        "Reading the page took too long; the feed's own text is kept.",
        "解析页面超时，保留订阅源文本。",
        *_NOTED,
    ),
    "tag_timeout": _code(
        "note",
        False,
        "Tagging took too long; the article is kept without tags.",
        "打标签超时，文章已保存但无标签。",
        *_NOTED,
    ),
    "compare_timeout": _code(
        "note",
        False,
        "Comparing two wordings of a watched page took too long; tried again at the next crawl.",
        "比较受监测页面的前后文本超时，下次抓取时重试。",
        *_NOTED,
    ),
    "stage_crashed": _code(
        "note", True, "The process reading this article ended unexpectedly.", "处理该文章的进程意外结束。", *_NOTED
    ),
    "bad_article": _code(
        "note",
        False,
        "The article could not be processed; the log has the reason.",
        "无法处理该文章，原因见日志。",
        *_NOTED,
    ),
    "too_many_new": _code(
        "note",
        True,
        "More new links than one run may take; the rest follows next time.",
        "新链接超过单次上限，其余下次继续。",
        *_NOTED,
    ),
    # --- mails in
    "mailbox_missing": _code(
        "hard",
        False,
        "The source comes by mail, and no mailbox is set up.",
        "该信源通过邮件接收，但尚未设置邮箱。",
        "Fill in [mailbox] of masthead.toml; docs/mailbox.md tells how.",
        "请填写 masthead.toml 的 [mailbox]，步骤见 docs/mailbox.md。",
    ),
    "mailbox_login": _code(
        "hard",
        False,
        "The mailbox refuses the name or the password, or none is set.",
        "邮箱拒绝了用户名或密码，或尚未设置。",
        "Check [mailbox] and MASTHEAD_IMAP_PASSWORD, then run `masthead doctor`.",
        "请检查 [mailbox] 与 MASTHEAD_IMAP_PASSWORD，再运行 `masthead doctor`。",
    ),
    "mailbox_folder": _code(
        "hard",
        False,
        "The mailbox has no such folder; it may have been renamed. Nothing is lost.",
        "邮箱中没有该文件夹，可能已改名；内容没有丢失。",
        "Set `folder` of [mailbox] to its new name; what was read is not read twice.",
        "请将 [mailbox] 的 folder 改为新名称；已读过的邮件不会重复。",
    ),
    "mail_stranger": _code(
        "note",
        False,
        "The mail's sender is on no list; it was left alone.",
        "发件人不在名单中，邮件未读取。",
        "If you want it, add the sender to a source or to `senders` of [mailbox].",
        "如需读取，请将发件人加入信源或 [mailbox] 的 senders。",
    ),
    "mail_forged": _code(
        "note",
        False,
        "The mail claims a sender on the list, but your mail host does not vouch for it; it was refused.",
        "邮件自称来自名单中的发件人，但收信服务器未能证实，已拒收。",
        "If all mails are refused, correct `authserv_id` of [mailbox]: `masthead doctor` names it.",
        "若全部被拒，请更正 [mailbox] 的 authserv_id：`masthead doctor` 会给出。",
    ),
    "mail_too_large": _code(
        "note",
        False,
        "The mail is larger than 5 MB and was not fetched.",
        "邮件超过 5 MB，未下载。",
        "Open it in your mail program; newsletters are far smaller.",
        "请在邮件程序中打开；正常的邮件通讯远小于此。",
    ),
    "mail_unread": _code(
        "note",
        False,
        "No title could be found in the mail; nothing was taken from it.",
        "未能在邮件中找到标题，未收录。",
        "Nothing, or tell us the sender: the shape of its mails is missing.",
        "无需处理；也可反馈该发件人，其邮件样式尚未支持。",
    ),
    "mail_unmatched": _code(
        "note",
        False,
        "The mail was read, but no source wants what is in it.",
        "邮件已读取，但没有信源需要其中内容。",
        'Add a source with access = "mailbox" for this author; the mail is then read again.',
        '请为该作者添加 access = "mailbox" 的信源，届时会重新读取。',
    ),
    "unverified_sender": _code(
        "note",
        False,
        "The sender was not verified, as [mailbox] allows.",
        "按 [mailbox] 设置，未核实发件人。",
        *_NOTED,
    ),
    # --- files and filters
    "bad_file": _code(
        "hard",
        False,
        "A file was refused.",
        "文件被拒绝。",
        "Mend the line named in the message.",
        "请按提示修改相应行。",
    ),
    "bad_line": _code(
        "note",
        False,
        "An input line is not valid.",
        "输入行无效。",
        "Mend the line named in the message.",
        "请按提示修改该行。",
    ),
    "usage": _code("hard", False, "The command's words are off.", "命令用法有误。", "See --help.", "请看 --help。"),
    # --- the store
    "store_full": _code(
        "hard",
        False,
        "The disk or the database is full; nothing stored was lost.",
        "磁盘或数据库已满；已存内容未丢失。",
        "Free space and run the command again.",
        "请释放空间后重试。",
    ),
    "store_locked": _code(
        "hard",
        True,
        "Another program holds the database.",
        "另一程序占用了数据库。",
        "Wait for it to end, or stop it.",
        "请等待其结束或将其停止。",
    ),
    "store_readonly": _code(
        "hard",
        False,
        "The database can not be written.",
        "数据库不可写。",
        "Check owner and rights of the file and its folder.",
        "请检查文件及其目录的属主与权限。",
    ),
    "store_corrupt": _code(
        "hard",
        False,
        "The file is damaged or not a Masthead database; it was left as it is.",
        "文件已损坏或不是 Masthead 数据库，未作改动。",
        "Restore the newest backup into a new file.",
        "请将最近的备份恢复到新文件。",
    ),
    "store_newer": _code(
        "hard",
        False,
        "The database was written by a newer Masthead.",
        "数据库由更新版本的 Masthead 写入。",
        "Upgrade Masthead.",
        "请升级 Masthead。",
    ),
    "store_older": _code(
        "hard",
        False,
        "The database was written by an older Masthead and is not yet brought up to date.",
        "数据库由旧版本的 Masthead 写入，尚未升级。",
        "Start the desk again, or run `masthead crawl` once; both keep everything.",
        "请重新启动本站，或运行一次 `masthead crawl`，数据会全部保留。",
    ),
    "store_missing": _code(
        "hard",
        False,
        "There is no database yet.",
        "还没有数据库。",
        "Run `masthead crawl` or `masthead demo` first.",
        "请先运行 `masthead crawl` 或 `masthead demo`。",
    ),
    "store_unreadable": _code(
        "hard",
        True,
        "The disk failed to read or write the database.",
        "磁盘读写数据库时出错。",
        "Check the disk or the network share; keep the archive on a local disk.",
        "请检查磁盘或网络共享；数据库应放在本地磁盘。",
    ),
    "store_replaced": _code(
        "hard",
        False,
        "The database file was replaced or removed while it was in use.",
        "数据库文件在使用中被替换或移除。",
        "Run the command again; it will use the new file.",
        "请重新运行命令，将使用新文件。",
    ),
    "already_running": _code(
        "hard",
        False,
        "Another crawl is running on this database.",
        "该数据库上已有抓取在运行。",
        "Wait for it to end.",
        "请等待其结束。",
    ),
    "service_silent": _code(
        "hard",
        True,
        "The daily service has not been heard of for more than two minutes.",
        "每日服务已超过两分钟没有心跳。",
        "Look at its log (`journalctl -u masthead`) and start it again: `masthead run`.",
        "请查看其日志（`journalctl -u masthead`），并重新启动：`masthead run`。",
    ),
    "mail_failed": _code(
        "soft",
        True,
        "A mail did not go out.",
        "邮件未能发出。",
        "Read what the server said, mend [mail] in masthead.toml, then run `masthead alerts retry`.",
        "请查看服务器的答复，修正 masthead.toml 的 [mail]，再运行 `masthead alerts retry`。",
    ),
    # --- clips
    "clip_link": _code(
        "note",
        False,
        "The address is missing, or is no http(s) page that can be kept.",
        "缺少地址，或该地址不是可保存的 http(s) 页面。",
        "Copy the address of the page itself, not that of a mail's counted link.",
        "请复制页面本身的地址，不要复制邮件中的跟踪链接。",
    ),
    "clip_empty": _code(
        "note",
        False,
        "There is neither a title nor a quotation.",
        "既没有标题，也没有引文。",
        "Give a title, or select the sentence that matters and clip again.",
        "请填写标题，或选中关键语句后重新摘录。",
    ),
    "clip_long": _code(
        "note",
        False,
        "The quotation is longer than 500 characters.",
        "引文超过 500 字。",
        "Keep the sentences that matter; a clip is a quotation, not a copy.",
        "请只保留关键语句：摘录是引用，不是转载。",
    ),
    "clip_stranger": _code(
        "note",
        False,
        "Nobody of this name is among the people.",
        "人物名单中没有此人。",
        "Leave the person out, or add their file to a folder of people.",
        "请不填人物，或在人物文件夹中添加其文件。",
    ),
}


class MastheadError(Exception):
    """Base of all errors a user may see. `code` is a key of CODES; `about` is a source id, URL, file or key."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, *, about: str = "") -> None:
        if code not in CODES:
            raise KeyError(f"{code!r} is not in db.errors.CODES")
        super().__init__(message)
        self.code = code
        self.message = message
        self.about = about

    def __str__(self) -> str:
        return f"{self.about}: {self.message} [{self.code}]" if self.about else f"{self.message} [{self.code}]"


class UsageError(MastheadError):
    exit_code = 2

    def __init__(self, message: str, *, about: str = "") -> None:
        super().__init__("usage", message, about=about)


class StoreError(MastheadError):
    """The store can not be used; `about` is the file. What was committed before stays."""

    exit_code = 3


class DataFileError(MastheadError):
    """A file that people edit is refused. The message says what is allowed; the last good version stays in force."""

    exit_code = 4

    def __init__(self, message: str, *, file: str, line: int | None = None, key: str = "") -> None:
        where = file + (f":{line}" if line else "") + (f": {key}" if key else "")
        super().__init__("bad_file", message, about=where)
        self.file, self.line, self.key = file, line, key


class AlreadyRunning(MastheadError):
    exit_code = 5

    def __init__(self, message: str, *, about: str = "") -> None:
        super().__init__("already_running", message, about=about)


class MailError(MastheadError):
    exit_code = 7

    def __init__(self, message: str, *, about: str = "") -> None:
        super().__init__("mail_failed", message, about=about)


class ClipError(MastheadError):
    """A clip that can not be kept as it is; `about` is what was given."""

    exit_code = 2


class FetchError(MastheadError):
    """One request that brought no usable answer; `about` is the URL, without secrets."""


class ParseError(MastheadError):
    """One answer that could not be read; `about` is the URL or the source id."""
