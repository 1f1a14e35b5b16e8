//! Clocks and memory of this process.

fn read(clock: libc::clockid_t) -> u64 {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: t is a valid timespec that the call fills in.
    unsafe { libc::clock_gettime(clock, &mut t) };
    t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
}

/// CPU time of the calling thread, in nanoseconds.
pub fn thread() -> u64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of all threads, in nanoseconds.
pub fn process() -> u64 {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// What two readings find between them.
pub fn cost() -> u64 {
    const READINGS: u64 = 10_000;
    let start = thread();
    for _ in 0..READINGS {
        thread();
    }
    (thread() - start) / READINGS
}

/// Resident memory in bytes; 0 where there is no /proc.
pub fn resident() -> u64 {
    status("VmRSS:")
}

/// The largest resident memory so far.
pub fn peak() -> u64 {
    status("VmHWM:")
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(key));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
