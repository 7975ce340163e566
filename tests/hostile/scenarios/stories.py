"""Cases that one crawl of the real command can not show: several crawls, a stub resolver, a clock ahead, files of ours.

Each is a name for the tests that show it.
"""

from __future__ import annotations

from tests.hostile.scenarios.kinds import Story

_HOSTILE, _RULES, _RUN, _TLS = (
    f"tests/test_crawler_{name}.py" for name in ("fetch_hostile", "fetch_rules", "run", "fetch_tls")
)
_SEGMENT = "tests/test_pipelines_segment.py"
_STORE, _FAULTS, _BACKUP, _SAVING = (f"tests/test_db_{name}.py" for name in ("store", "faults", "backup", "saving"))
_WHOLE = "tests/test_scheduler_faults.py"
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
         "tests/test_crawler_injection.py::test_no_text_of_the_configuration_carries_controls",
         "tests/test_scheduler_own_sources.py::test_the_others_are_crawled_and_the_exit_code_says_it"),
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
        ("P06-labels", "tests/test_db_charset.py::test_the_text_is_found_under_any_label"),
        ("P12-table", "tests/test_db_dates.py::test_moments", "tests/test_db_dates.py::test_unreadable",
         "tests/test_db_dates.py::test_the_future_is_refused_and_flagged"),
        ("P16-dictionary", "tests/test_scheduler_own_lexicon.py::test_the_last_good_copy_stays_in_force"),
        ("P16-poison", f"{_SEGMENT}::test_poisoned_cache_in_the_shared_folder_is_not_read_and_none_is_written"),
        ("S01-kill-store", f"{_FAULTS}::test_a_kill_at_any_moment_leaves_no_half_article"),
        ("S01-kill-crawl", f"{_WHOLE}::test_a_crawl_killed_at_any_moment_leaves_no_half_article"),
        ("S02-again", f"{_RUN}::test_a_second_crawl_of_an_unchanged_world_asks_for_nothing_but_the_feed",
         f"{_STORE}::test_opening_makes_a_strict_database_in_wal_mode_and_opens_again"),
        ("S03-full-steps", f"{_FAULTS}::test_a_full_disk_at_every_step_stores_nothing_half_and_reading_goes_on"),
        ("S03-full-disk", f"{_WHOLE}::test_a_disk_that_fills_ends_the_run_and_nothing_else"),
        ("S04-writers", f"{_FAULTS}::test_four_writers_and_a_reader_wait_for_each_other"),
        ("S05-desk", f"{_WHOLE}::test_the_desk_reads_on_while_a_crawl_writes"),
        ("S06-replaced", f"{_STORE}::test_a_replaced_file_is_noticed_before_anything_is_lost",
         f"{_BACKUP}::test_an_open_archive_is_not_replaced",
         "tests/test_scheduler_backup.py::test_the_desk_is_not_robbed_of_its_archive"),
        ("S07-damaged", f"{_STORE}::test_a_damaged_file_is_told_and_left_as_it_is",
         f"{_STORE}::test_a_flipped_byte_is_told_or_harmless_and_nothing_is_begun_anew",
         f"{_WHOLE}::test_a_damaged_archive_is_never_begun_anew"),
        ("S08-versions", f"{_STORE}::test_a_newer_archive_is_refused",
         f"{_BACKUP}::test_an_older_archive_is_kept_before_it_is_brought_up_to_date"),
        ("S09-columns", f"{_SAVING}::test_crawled_names_never_become_columns"),
        ("S10-strings", f"{_SAVING}::test_no_foreign_string_makes_a_save_fail",
         f"{_SAVING}::test_naughty_strings_come_back_as_they_were_cleaned"),
        ("S11-backup", f"{_BACKUP}::test_copies_made_while_others_write_are_whole",
         "tests/test_db_keeping.py::test_what_is_past_its_time_goes_and_the_rest_stays"),
        ("S12-read-only", f"{_STORE}::test_a_read_only_archive_can_be_read_but_not_written",
         f"{_WHOLE}::test_an_archive_of_somebody_else_can_be_read_and_is_not_written"),
        ("S13-queries", "tests/test_db_search.py::test_no_naughty_query_is_an_error"),
    )
}  # fmt: skip
