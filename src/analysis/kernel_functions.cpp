#include "pipebench/analysis/kernel_functions.hpp"

#include <algorithm>
#include <unordered_map>

#include "pipebench/model/stack.hpp"

namespace pipebench {
namespace {

/// Names, or beginnings of names that end in '*', of one kind of work, between blanks. A name is looked up exactly
/// first, then by its longest beginning.
struct Patterns {
  Work work;
  std::string_view list;
};

constexpr std::array<Patterns, 12> known{{
    {Work::copying,
     "_copy_from_iter* _copy_to_iter* __copy_from_iter* copy_page_from_iter* copy_page_to_iter* copy_folio_from_iter* "
     "copyin copyout "                                                                                  // 5.10 to 6.1
     "copy_page copy_mc_* copy_user_highpage copy_user_page "                                           // pages
     "copy_user_large_folio copy_user_huge_page copy_highpage "                                         //
     "iov_iter_zero "                                                                                   // /dev/zero
     "__check_object_size check_heap_object check_stack_object __check_heap_object __virt_addr_valid "  // of copies
     "fault_in_* csum_and_copy_* simple_copy_to_iter memcpy_from_page memcpy_to_page memcpy_from_folio "
     "memcpy_to_folio "
     "iov_iter_fault_in_readable iov_iter_copy_from_user_atomic memzero_page copyout_mc _copy_mc_to_iter "
     "is_vmalloc_addr copy_pipe_to_iter csum_and_memcpy hash_and_copy_to_iter __copy_page_to_iter"},
    {Work::page_allocation,
     "get_page_from_freelist __alloc_pages* alloc_pages* __alloc_frozen_pages* alloc_frozen_pages* folio_alloc* "
     "__folio_alloc* rmqueue* __rmqueue* prep_new_page prep_compound_* post_alloc_hook kernel_init_pages "
     "zone_watermark* __zone_watermark* policy_node* policy_zonelist get_task_policy mpol_* interleave_nodes "
     "get_vma_policy alloc_anon_folio vma_alloc_* cpuset_* compaction_* kswapd* wakeup_kswapd get_pfnblock_* "
     "__get_pfnblock_* split_page "
     "free_frozen_page* __free_frozen_page* free_unref_* __free_page* free_page* free_one_page __free_one_page "
     "free_pcppages_bulk free_compound_page free_huge_* free_large_* destroy_large_folio destroy_compound_page "
     "release_pages __folio_put* "
     "__put_page __put_compound_page __put_single_page __page_cache_release folios_put* free_tail_page_prepare "
     "free_transhuge_page split_huge_* deferred_split_* "
     "clear_page clear_pages clear_page_erms clear_page_rep clear_page_orig __clear_pages_unrolled clear_huge_page "
     "clear_subpage clear_gigantic_page folio_zero_user clear_highpage clear_user_highpage mte_zero_clear_page_tags "
     "asm_exc_page_fault exc_page_fault do_user_addr_fault handle_mm_fault __handle_mm_fault handle_pte_fault "
     "do_anonymous_page do_huge_pmd_* __do_huge_pmd_* do_pte_missing do_fault do_shared_fault do_wp_page wp_page_* "
     "do_page_fault do_mem_abort do_translation_fault el0_da el1_abort lock_vma_under_rcu lock_mm_and_find_vma "
     "find_vma* mas_walk mtree_load pte_alloc_one __pte_alloc pte_offset_map_* __pte_offset_map* ___pte_offset_map "
     "set_pte_range set_ptes pte_mk* access_error folio_throttle_swaprate __folio_throttle_swaprate finish_fault "
     "numa_migrate_prep "
     "zap_* unmap_* tlb_* flush_tlb_* native_flush_tlb_* smp_call_function* on_each_cpu* madvise_* do_madvise "
     "__x64_sys_madvise __arm64_sys_madvise __tlb_remove_* page_remove_rmap folio_remove_rmap* page_add_* "
     "folio_add_* lru_add* __lru_add* lru_cache_add* lru_note_cost* folio_batch_* __folio_batch_* filemap_remove_* "
     "pagevec_* __pagevec_* "
     "lru_gen_* mmu_notifier_* __mmu_notifier_* vm_normal_folio* pmd_clear* ptep_clear_flush pmdp_* "
     "push_pipe free_pcp_prepare bulkfree_pcp_prepare check_new_page* check_free_page* free_tail_pages_check "
     "kernel_init_free_pages find_suitable_fallback steal_suitable_fallback move_freepages* "
     "should_fail_alloc_page __should_fail_alloc_page page_frag_* __page_frag_* get_zeroed_page __get_free_page* "
     "nr_pcp_* drain_pages* drain_all_pages drain_local_pages* set_pfnblock_* set_pageblock_* "
     "unreserve_highatomic_* reserve_highatomic_* zone_allows_reclaim apply_policy_zone __get_vma_policy alloc_page_* "
     "put_pages_list activate_page* __activate_page mark_page_lazyfree deactivate_page lock_page_lruvec* "
     "page_remove_file_rmap page_remove_anon_* do_page_add_* __page_set_anon_rmap prep_transhuge_page "
     "get_huge_zero_page __mm_populate populate_vma_page_range faultin_vma_page_range "
     "try_to_free_* do_try_to_free_pages shrink_node* shrink_lruvec shrink_page_list shrink_folio_list "
     "vma_thp_gfp_mask alloc_hugepage_direct_gfpmask __do_page_fault ptep_set_access_flags tag_clear_highpage "
     "alloc_zeroed_user_highpage_movable"},
    {Work::page_lookup,
     "gup_* __gup_* internal_get_user_pages_fast get_user_pages* __get_user_pages* pin_user_pages* "
     "lockless_pages_from_mm iov_iter_get_pages* __iov_iter_get_pages_alloc iov_iter_extract_* follow_page* "
     "follow_pmd_mask follow_pud_mask follow_p4d_mask follow_huge_* follow_trans_huge_pmd hugetlb_follow_* "
     "faultin_page check_vma_flags vm_normal_page* undo_dev_pagemap folio_fast_pin_allowed is_valid_gup_args "
     "filemap_* __filemap_* shmem_* generic_perform_write noop_dirty_folio folio_mark_dirty folio_unlock workingset_* "
     "find_get_* pagecache_get_page xas_* xa_load "
     "folio_mark_accessed mark_page_accessed "
     "record_subpages* no_page_table follow_pfn_pte vma_permits_fault fixup_user_fault hugepte_addr_end "
     "get_pages_array check_and_migrate_* follow_hugetlb_page get_gate_page unlock_page __lock_page* "
     "add_to_page_cache_* __add_to_page_cache_* delete_from_page_cache* __delete_from_page_cache page_cache_* "
     "unaccount_page_cache_page generic_file_read_iter generic_file_buffered_read generic_file_write_iter "
     "__generic_file_write_iter wait_on_page_* page_waitqueue mapping_get_entry set_page_dirty* "
     "__set_page_dirty_no_writeback __mark_inode_dirty balance_dirty_pages* folio_mapping page_mapping inode_to_bdi"},
    {Work::page_references,
     "try_grab_* try_get_folio try_get_compound_head page_ref_* folio_put folio_get put_page get_page "
     "put_compound_head gup_put_folio unpin_user_page* generic_pipe_buf_get generic_pipe_buf_release "
     "page_cache_pipe_buf_release zero_pipe_buf_get zero_pipe_buf_release buffer_pipe_buf_get "
     "buffer_pipe_buf_release __page_ref_* "
     "hpage_pincount_* put_page_refs put_devmap_managed_page"},
    {Work::pipe_lock,
     "mutex_lock* mutex_unlock mutex_trylock mutex_is_locked mutex_get_owner __mutex_* pipe_lock pipe_unlock "
     "pipe_double_lock pipe_lock_nested ww_mutex_* rt_mutex_* __rt_mutex_* rt_spin_*"},
    {Work::waiting,
     "mutex_spin_on_owner mutex_can_spin_on_owner mutex_optimistic_spin osq_* "
     "try_to_wake_up ttwu_* wake_up* __wake_up* wake_q_* autoremove_wake_function default_wake_function "
     "woken_wake_function pollwake ep_poll_callback prepare_to_wait* finish_wait init_wait_entry add_wait_queue* "
     "remove_wait_queue __add_wait_queue* wait_woken pipe_wait_* wakeup_pipe_* wait_for_space wait_for_partner "
     "do_sys_poll do_poll __x64_sys_poll __x64_sys_ppoll __arm64_sys_poll __arm64_sys_ppoll pipe_poll vfs_poll "
     "poll_* __pollwait select_estimate_accuracy "
     "do_futex futex_* __futex_* __x64_sys_futex __arm64_sys_futex get_futex_key plist_* "
     "native_smp_send_reschedule native_send_call_func_* send_call_function_* arch_smp_send_reschedule "
     "__smp_call_single_queue smp_send_reschedule smp_cross_call ipi_send_* x2apic_send_* __x2apic_send_* "
     "default_send_IPI_* kvm_send_ipi_* __send_ipi_* call_function_single_prep_ipi gic_ipi_send_mask "
     "io_cqring_wait* io_wq_* io_worker_* io_acct_* complete complete_all wait_for_completion* signal_wake_up_state "
     "__pollwake __estimate_accuracy free_poll_entry do_select core_sys_select do_pselect __wake_q_add set_nr_* "
     "__ttwu_* kick_process arch_send_call_function_* generic_exec_single "
     "sock_def_* unix_write_space unix_stream_data_wait sk_wake_async* sock_wake_async"},
    {Work::scheduling,
     "schedule* __schedule finish_task_switch* context_switch __switch_to* switch_mm* switch_fpu* cpu_switch_to "
     "ret_from_fork* "
     "enter_lazy_tlb pick_next_* pick_task_* pick_eevdf __pick_next_* put_prev_* set_next_* prev_balance balance_fair "
     "balance_callback* "
     "activate_task deactivate_task enqueue_* __enqueue_* dequeue_* __dequeue_* update_rq_clock* update_curr* "
     "update_load_avg update_cfs_* update_min_vruntime __update_load_avg_* update_se update_blocked_averages "
     "update_sd_lb_stats* update_group_capacity place_entity "
     "entity_* avg_vruntime* vruntime_eligible reweight_* __calc_delta check_preempt_* wakeup_preempt* resched_* "
     "__resched_curr select_task_rq* select_idle_* select_fallback_rq available_idle_cpu idle_cpu wake_affine "
     "cpus_share_cache cpuacct_charge set_task_cpu load_balance newidle_balance sched_* find_busiest_group "
     "dl_* update_dl_* start_dl_timer task_mm_cid_work mm_cid_* task_tick_* "
     "task_work_run task_work_add prepare_task_switch preempt_schedule* __preempt_* rcu_note_context_switch "
     "nohz_* __traverse_* check_cfs_rq_runtime clear_buddies raw_spin_rq_* __raw_spin_rq_* "
     "cpuidle_* do_idle fpregs_* restore_fpregs* save_fpregs* fpsimd_* schedule_hrtimeout* "
     "__perf_event_task_sched_* perf_event_context_sched_* hrtick_* migrate_task_rq_* migration_cpu_stop wakeup_gran "
     "set_next_task_* yield_task_* do_task_dead tick_nohz_* cpufreq_* sugov_* "
     "arch_cpu_idle default_idle* native_safe_halt update_entity_lag "
     "account_cfs_rq_* __account_cfs_rq_* assign_cfs_rq_* __assign_cfs_rq_* return_cfs_rq_* __return_cfs_rq_* "
     "throttle_cfs_rq unthrottle_cfs_rq* tg_throttle_* tg_unthrottle_* wake_wide record_wakee find_idlest_* "
     "task_h_load update_tg_load_avg attach_entity_* detach_entity_* propagate_entity_* sync_entity_load_avg "
     "remove_entity_load_avg set_last_buddy set_skip_buddy cpu_load* cpu_util* task_hot can_migrate_task detach_task* "
     "attach_task* __update_idle_core __update_blocked_* __migrate_task move_queued_task rebalance_domains "
     "group_classify calculate_imbalance find_busiest_queue trigger_load_balance kick_ilb scale_rt_capacity "
     "update_cpu_capacity update_rt_rq_load_avg decay_load __accumulate_pelt_* hrtick __hrtick_* do_sched_yield "
     "__balance_callback* __fire_sched_* preempt_notifier_* task_rq_lock __task_rq_lock cpu_startup_entry call_cpuidle "
     "load_new_mm_cr3 choose_new_asid cond_ibpb cond_mitigation leave_mm calc_group_shares copy_fpregs_to_fpstate "
     "check_and_switch_context new_context cpu_do_switch_mm cpu_do_idle entry_task_switch tls_thread_switch "
     "tls_preserve_current_state task_fpsimd_load get_cpu_fpsimd_context put_cpu_fpsimd_context"},
    {Work::system_calls,
     "entry_SYSCALL* entry_SYSENTER* do_syscall_* do_fast_syscall_* x64_sys_call syscall_* __syscall_* "
     "__x64_sys_* __arm64_sys_* __ia32_sys_* __se_sys_* __do_sys_* ksys_* invoke_syscall* "
     "el0_svc* do_el0_svc* el0t_64_sync* el0_sync* el0_slow_syscall ret_to_user* ret_fast_syscall "
     "vfs_read vfs_write vfs_readv vfs_writev vfs_iter_* do_readv do_writev do_iter_* do_loop_readv_writev "
     "new_sync_read new_sync_write call_write_iter call_read_iter do_preadv do_pwritev vfs_iocb_iter_* "
     "kernel_read kernel_write __kernel_read __kernel_write generic_write_check* generic_file_rw_checks "
     "fdget* __fdget* fdput* __fget* fget* fput* __fput* file_file_get* __f_lock_pos __f_unlock_pos "
     "rw_verify_area security_* bpf_lsm_* apparmor_* aa_* selinux_* avc_* smack_* tomoyo_* landlock_* "
     "hook_file_* fsnotify* __fsnotify* file_has_perm inode_has_perm "
     "import_* __import_* copy_iovec_from_user iovec_from_user copy_compat_iovec_from_user "
     "_copy_from_user _copy_to_user __get_user_* __put_user_* "
     "exit_to_user_mode* __exit_to_user_mode* arch_exit_* do_notify_resume resume_user_mode_work "
     "blkcg_maybe_throttle_current __audit_* audit_* seccomp_* __seccomp_* __secure_computing "
     "rseq_* __rseq_* do_signal arch_do_signal_* get_signal ptrace_* io_* __io_* tctx_* irqentry_exit_to_user_mode "
     "enter_from_user_mode* work_pending el0_irq handle_signal_work arch_do_signal "
     "do_int80_* __do_fast_syscall_32 do_SYSENTER_32 __invoke_syscall asm_exit_to_user_mode "
     "prepare_exit_to_user_mode tramp_exit_* ctx_flush_and_put perf_event_ctx_lock* "
     "cortex_a76_erratum_*"},
    {Work::pipe,
     "pipe_* anon_pipe_* fifo_pipe_* __do_sys_vmsplice vmsplice_* add_to_pipe iter_to_pipe append_pipe "
     "__splice_from_pipe splice_* do_splice* __do_splice* do_tee link_pipe "
     "generic_pipe_buf_* page_cache_pipe_buf_* zero_pipe_buf_* user_page_pipe_buf_* round_pipe_size "
     "eat_empty_buffer kill_fasync get_pipe_info ipipe_prep opipe_prep generic_file_splice_read "
     "generic_splice_sendpage filemap_splice_read copy_splice_read vfs_splice_read iter_file_splice_write "
     "direct_splice_actor direct_file_splice_eof shmem_file_splice_read do_sendfile "
     "write_null read_null write_iter_null read_iter_null read_iter_zero read_zero write_full "
     "file_update_time* touch_atime atime_needs_update relatime_need_update update_time timestamp_truncate "
     "inode_needs_update_time inode_update_* current_time "
     "generic_update_time* mnt_want_write* __mnt_want_write* mnt_drop_write* inode_init_* inode_set_ctime_* "
     "io_splice* io_tee* "
     // splice-socket: what a UNIX socket does with the pages, but for copying, waking and freeing them
     "sock_* __sock_* sk_* __sk_* skb_* __skb_* alloc_skb* __alloc_skb* build_skb* __build_skb* kfree_skb* "
     "__kfree_skb* consume_skb* __consume_* napi_skb_* napi_build_skb unix_* __unix_* scm_* __scm_* kernel_sendpage "
     "kernel_sendmsg kernel_recvmsg socket_* wait_for_unix_gc"},
    {Work::accounting,
     "mem_cgroup_* __mem_cgroup_* memcg_* memcg1_* __memcg_* obj_cgroup_* __obj_cgroup_* page_counter_* uncharge_* "
     "try_charge* charge_memcg commit_charge __account_obj_stock refill_stock refill_obj_stock drain_stock "
     "drain_obj_stock "
     "drain_local_memcg_stock consume_stock consume_obj_stock account_slab account_obj_stock "
     "mod_memcg_* __mod_memcg_* mod_objcg_* __mod_objcg_* count_memcg_* __count_memcg_* "
     "get_mem_cgroup_* get_obj_cgroup_* __get_obj_cgroup_* current_obj_cgroup propagate_protected_usage "
     "lock_page_memcg unlock_page_memcg folio_memcg_* split_page_memcg "
     "css_rstat_* __css_rstat_* cgroup_rstat_* cgroup_* __cgroup_* psi_* "
     "mod_lruvec_* __mod_lruvec_* lruvec_stat_* __lruvec_stat_* __folio_mod_stat mod_node_page_state "
     "mod_zone_page_state __mod_node_* __mod_zone_* "
     "__inc_node_* __dec_node_* __inc_zone_* __dec_zone_* inc_node_* __count_vm_* count_vm_* mod_node_state "
     "vtime_* irqtime_* delayacct_* __delayacct_* acct_* account_user_time account_system_* account_guest_time "
     "account_steal_time account_idle_* account_process_tick "
     "__unlock_page_memcg drain_local_stock cancel_charge obj_stock_* reclaim_high should_force_charge "
     "lruvec_memcg_debug record_times iterate_groups test_state __inc_numa_state"},
    {Work::interrupts,
     "sysvec_* __sysvec_* common_interrupt __common_interrupt handle_irq* handle_edge_irq handle_fasteoi_* "
     "handle_percpu_* generic_handle_* handle_domain_irq __handle_domain_irq __handle_irq_* gic_handle_irq "
     "do_interrupt_handler hrtimer_interrupt local_apic_timer_interrupt tick_* tick_nohz_handler update_process_times "
     "irq_exit irq_exit_rcu __irq_exit_rcu __do_softirq handle_softirqs do_softirq* run_timer_* run_rebalance_* "
     "rcu_core rcu_sched_clock_irq arch_timer_handler_* flush_smp_call_function_queue exc_nmi asm_exc_nmi "
     "generic_smp_call_function_* xen_evtchn_do_upcall xen_pv_evtchn_do_upcall ipi_handler do_handle_IPI "
     "run_posix_cpu_timers run_local_timers scheduler_tick perf_event_task_tick asm_call_on_stack "
     "asm_call_irq_on_stack asm_call_sysvec_on_stack"},
    {Work::user, user_frame},
}};

constexpr std::string_view callers =
    // returns and indirect calls, with mitigations
    "srso_* retbleed_* entry_untrain_ret* untrain_ret* __x86_indirect_* __x86_return_* its_return_* its_static_thunk "
    "clear_bhb_* "
    "entry_ibpb* write_ibpb zen_untrain_ret "
    // locks
    "_raw_* __raw_spin_* __raw_callee_save_* queued_spin_* native_queued_spin_* __pv_queued_* pv_* __pv_* do_raw_* "
    "queued_read_* queued_write_* down_read* up_read* down_write* up_write* rwsem_* __down_* percpu_* kvm_wait "
    "lock_acquire lock_release lockdep_* "
    // memory, lists and trees
    "memset* __memset* memcpy* __memcpy* memmove* __memmove* rep_movs_* rep_stos_* __arch_copy_* __arch_clear_* "
    "raw_copy_* copy_user_generic* copy_user_enhanced_* copy_user_short_* __copy_user_* __clear_user* memcmp "
    "clear_user_* "
    "kfree kvfree kmalloc* __kmalloc* kmem_cache_* kvmalloc* __kvmalloc* __slab_* ___slab_* slab_* should_failslab "
    "refill_objects rcu_free_* __kmem_cache_* get_from_partial* alloc_from_pcs* __pcs_* "
    "__list_* list_* _find_* find_next_* rb_* __rb_* cpumask_* bitmap_* __bitmap_* iov_iter_* "
    "iov_npages dup_iter refcount_* llist_* "
    // read-copy-update, preemption, instrumentation, time
    "__rcu_* rcu_nmi_* rcu_irq_* rcu_eqs_* rcu_dynticks_* rcu_qs invoke_rcu_core __call_rcu* rcu_read_* "
    "rcu_is_watching rcu_preempt_* rcu_all_qs call_rcu* get_random_u16 get_random_int preempt_count_* __cond_resched* "
    "cond_resched _cond_resched "
    "dynamic_cond_resched __might_sleep ___might_sleep __might_resched __SCT__* __static_call_* static_call_* "
    "migrate_enable migrate_disable "
    "__fentry__ ftrace_* function_trace_* return_to_handler __sanitizer_* __kasan_* kasan_* __kcsan_* "
    "kmsan_* trace_* __traceiter_* __bpf_* bpf_* __cfi_* mcount "
    "sched_clock* local_clock* native_sched_clock read_tsc ktime_* timekeeping_* kvm_clock_* pvclock_* "
    "__pvclock_* native_read_msr native_write_msr* arch_counter_* arch_local_irq_* native_save_fl "
    "native_irq_* local_bh_* __local_bh_* mod_timer* __mod_timer timer_* del_timer* hrtimer_* __hrtimer_* "
    // into an interrupt and out of it
    "asm_sysvec_* asm_common_interrupt irqentry_* irq_enter* irq_work_* el1h_64_irq* el1_interrupt el1_irq "
    "el0_interrupt el0t_64_irq* el0_irq_* call_on_irq_stack arm64_preempt_schedule_irq "
    "restore_regs_and_return_to_kernel swapgs_restore_* common_interrupt_return sync_regs error_entry "
    "error_return raw_irqentry_* el1_sync* el1h_64_sync* enter_from_kernel_mode exit_to_kernel_mode "
    "enter_el1_irq_or_nmi exit_el1_irq_or_nmi ret_to_kernel";

/// What is known of a name: its work, or nothing, if it works for its caller.
using Meaning = std::optional<Work>;

class Table {
 public:
  Table() {
    for (const Patterns& patterns : known) add(patterns.list, patterns.work);
    add(callers, std::nullopt);
  }

  /// Null when the name is not known.
  [[nodiscard]] const Meaning* find(std::string_view name) const {
    if (const auto exact = exact_.find(name); exact != exact_.end()) return &exact->second;
    for (std::size_t length = name.size(); length > 0; --length) {
      const auto beginning = beginnings_.find(name.substr(0, length));
      if (beginning != beginnings_.end()) return &beginning->second;
    }
    return nullptr;
  }

 private:
  void add(std::string_view list, Meaning meaning) {
    while (!list.empty()) {
      const auto end = std::min(list.find(' '), list.size());
      const std::string_view pattern = list.substr(0, end);
      list.remove_prefix(std::min(end + 1, list.size()));
      if (pattern.ends_with('*')) {
        beginnings_.emplace(pattern.substr(0, pattern.size() - 1), meaning);
      } else if (!pattern.empty()) {
        exact_.emplace(pattern, meaning);
      }
    }
  }

  std::unordered_map<std::string_view, Meaning> exact_;
  std::unordered_map<std::string_view, Meaning> beginnings_;
};

/// __wake_up_common_lock() jumps to it as its last act, and so is not in the chain any more. The pipe itself has no
/// other use for it.
constexpr std::string_view last_of_wake_up = "_raw_spin_unlock_irqrestore";

/// Retpolines. From some of their instructions the kernel cannot tell the caller (UNWIND_HINT_UNDEFINED in
/// arch/x86/lib/retpoline.S). Here it is the pipe most of the time, which calls confirm, release or an actor through
/// pointers for each buffer.
constexpr std::string_view indirect_calls = "__x86_indirect_";

const Meaning* find(std::string_view name) {
  static const Table table;
  return table.find(name);
}

}  // namespace

std::optional<Work> work_of_function(std::string_view function) {
  const Meaning* meaning = find(function);
  return meaning == nullptr ? std::nullopt : *meaning;
}

bool works_for_caller(std::string_view function) {
  const Meaning* meaning = find(function);
  return meaning != nullptr && !*meaning;
}

Classified classify(std::span<const std::string> frames) {
  // On its way out, an interrupt is done with: what follows, being preempted for example, belongs to the thread.
  for (std::size_t i = 0; i < frames.size() && !frames[i].starts_with("irqentry_exit"); ++i) {
    if (work_of_function(frames[i]) == Work::interrupts) return {.work = Work::interrupts, .frame = i};
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (works_for_caller(frames[i])) continue;
    const Work work = work_of_function(frames[i]).value_or(Work::other);
    if (work == Work::pipe && i > 0 && frames[i - 1] == last_of_wake_up) return {.work = Work::waiting, .frame = i - 1};
    return {.work = work, .frame = i};
  }
  const bool is_indirect_call = !frames.empty() && frames.back().starts_with(indirect_calls);
  return {.work = is_indirect_call ? Work::pipe : Work::other, .frame = 0};
}

}  // namespace pipebench
