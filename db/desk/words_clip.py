"""What the pages of clips and the names of people say, in English and Chinese; put together in db.desk.words."""

from __future__ import annotations

from collections.abc import Mapping

from db.vocabulary import Name

CLIP_WORDS: Mapping[str, Name] = {
    "clip_menu": Name("Clip", "摘录"),
    "clip_title": Name("Clip a post or page", "摘录一篇帖子或网页"),
    "clip_note": Name(
        "The address, a short quotation and your note are kept, marked as captured by hand. The page is never fetched, "
        "and tokens in its address are dropped.",
        "只保存地址、简短引文和您的备注，并标明为手动摘录。系统不会抓取该页面，地址中的跟踪参数会被去除。",
    ),
    "clip_url": Name("Address", "地址"),
    "clip_headline": Name("Title", "标题"),
    "clip_quote": Name("Quotation, at most {n} characters", "引文，最多 {n} 字"),
    "clip_remark": Name("Your note", "您的备注"),
    "clip_person": Name("Who says it", "出自何人"),
    "clip_nobody": Name("nobody of the list", "不在名单中"),
    "clip_keep": Name("Keep", "保存"),
    "clip_bookmark": Name("In one click from any page", "在任意网页一键摘录"),
    "clip_bookmark_link": Name("Clip to Masthead", "摘录到 Masthead"),
    "clip_bookmark_note": Name(
        "Drag this link to the browser's bookmarks bar. On a post, select the sentence that matters and click the "
        "bookmark: this form opens in a small window, filled in. It keeps nothing until you do.",
        "把此链接拖到浏览器的书签栏。浏览帖子时选中关键语句，再点击该书签：小窗口会打开本表单并自动填好。点击“保存”之前不会存储任何内容。",
    ),
    "clip_kept": Name("Kept", "已保存"),
    "clip_known": Name("The archive has this page already", "库中已有此页面"),
    "clip_known_note": Name("Nothing was added but your note, if you wrote one.", "除您填写的备注外，没有新增内容。"),
    "clip_landed": Name("It landed in this story:", "归入以下事件："),
    "clip_no_story": Name(
        "It tells no event that we know, so it is part of no story; the search finds it.",
        "未识别出已知类型的事件，因此不属于任何事件；可通过搜索找到。",
    ),
    "clip_more": Name("Clip another", "继续摘录"),
    "clipped": Name("captured by hand", "手动摘录"),
    "person": Name("Person", "人物"),
    "all_channels": Name("All channels", "全部渠道"),
    "open_profile": Name("LinkedIn profile", "LinkedIn 主页"),
}
