"""Cases that one crawl of the real command can not show: several crawls, a stub resolver, a clock ahead, files of ours.

Each is a name for the tests that show it.
"""

from __future__ import annotations

from tests.hostile.scenarios.kinds import Story

_HOSTILE, _RULES, _RUN, _TLS = (
    f"tests/test_crawler_{name}.py" for name in ("fetch_hostile", "fetch_rules", "run", "fetch_tls")
)
_SEGMENT = "tests/test_pipelines_segment.py"
_WORLD, _IDENTITY, _SUITES = "tests/test_crawler_world.py", "tests/test_db_identity.py", "tests/test_suites.py"

STORIES: dict[str, Story] = {
    name: Story(name=name, tests=tests)
    for name, *tests in (
        ("F01-spellings", f"{_HOSTILE}::test_nothing_reaches_the_inside_in_any_spelling"),
        ("F01-intranet", f"{_HOSTILE}::test_one_source_s_intranet_is_closed_to_the_others"),
        ("F01-proxy", f"{_RUN}::test_a_proxy_is_used_and_targets_are_still_checked"),
        ("F02-rebinding", f"{_HOSTILE}::test_the_address_that_was_checked_is_the_one_connected_to"),
        ("F04-review", f"{_WORLD}::test_a_moved_source_waits_for_a_person"),
        ("F07-budgets", f"{_HOSTILE}::test_a_source_has_a_deadline_and_keeps_what_it_finished",
         f"{_RUN}::test_a_crawl_has_a_time_and_says_which_sources_it_did_not_reach"),
        ("F09-names", f"{_TLS}::test_certificates",
         f"{_TLS}::test_nobody_is_led_to_a_host_that_another_source_asks_without_certificates"),
        ("F11-again", f"{_HOSTILE}::test_robots_files_of_all_kinds"),
        ("F12-suite", f"{_SUITES}::test_robots_files_of_the_web"),
        ("F13-over-runs", f"{_HOSTILE}::test_retry_after_outlives_the_run"),
        ("F16-lying-etag", f"{_HOSTILE}::test_unchanged_is_believed_only_after_a_good_answer",
         f"{_WORLD}::test_a_server_that_lies_about_changes_hides_them_for_a_week_at_most"),
        ("F17-secrets", f"{_HOSTILE}::test_secrets_do_not_travel_or_show"),
        ("F18-configuration", "tests/test_crawler_injection.py::test_no_text_of_a_source_carries_controls",
         "tests/test_crawler_injection.py::test_no_text_of_the_configuration_carries_controls"),
        ("F19-floor", f"{_RULES}::test_scrapy_is_not_older_than_the_settings"),
        ("F20-names", f"{_HOSTILE}::test_names_that_are_unknown_or_slow"),
        ("F21-offline", f"{_HOSTILE}::test_a_machine_without_a_network_is_said_so_once"),
        ("F22-invents", f"{_RUN}::test_a_site_that_invents_addresses_is_followed_only_so_far"),
        ("F23-isolation", f"{_HOSTILE}::test_bad_neighbours_cost_the_good_ones_nothing"),
        ("F23-month", f"{_WORLD}::test_a_month_of_quiet_sources_and_fifteen_kinds_of_no_content"),
        ("F24-politeness", f"{_HOSTILE}::test_delays_hold_per_host_and_port_across_sources"),
        ("P04-suite", f"{_SUITES}::test_markup_made_to_pass_a_sanitiser"),
        ("P05-suite", f"{_SUITES}::test_feeds_of_every_kind_end_in_entries_or_a_code"),
        ("P07-suite", f"{_SUITES}::test_naughty_strings_through_the_whole_pipeline"),
        ("P08-rotating", f"{_IDENTITY}::test_a_feed_that_rotates_its_ids_for_thirty_fetches_keeps_one_row_per_item"),
        ("P08-slug", f"{_IDENTITY}::test_an_edited_slug_is_the_same_article"),
        ("P08-case", f"{_IDENTITY}::test_addresses_that_differ_in_case_are_different_pages"),
        ("P15-linear", f"{_SEGMENT}::test_long_runs_take_time_by_their_length_only"),
        ("P16-poison", f"{_SEGMENT}::test_poisoned_cache_in_the_shared_folder_is_not_read_and_none_is_written"),
    )
}  # fmt: skip
