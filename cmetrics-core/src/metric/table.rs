//! The table. A row is all that a new metric costs.

use super::{Kind, Row, Section, Unit};
use Kind::{Counter, Gauge};
use Section::{Cpu, Diskio, Memory, Network};
use Unit::{Bytes, Count, Nanoseconds, Threads};

macro_rules! metrics {
    ($(
        #[doc = $description:literal]
        $metric:ident = $name:literal, $kind:ident, $unit:ident,
            $section:ident at $path:literal / $per_unit:literal
            $(, documented as $documented:literal / $divisor:literal)?;
    )+) => {
        /// Something that cAdvisor measures of a container.
        ///
        /// ```
        /// use cmetrics_core::{Kind, Metric};
        ///
        /// let metric: Metric = "network.rx_bytes".parse().unwrap();
        /// assert_eq!(metric, Metric::NetworkRxBytes);
        /// assert_eq!(metric.kind(), Kind::Counter);
        /// assert_eq!(metric.unit().to_string(), "bytes");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Metric {
            $(#[doc = $description] $metric,)+
        }

        impl Metric {
            /// Every metric, in the table's order.
            pub const ALL: [Self; ROWS.len()] = [$(Self::$metric),+];

            #[expect(clippy::indexing_slicing, reason = "there is a row for each metric")]
            pub(crate) const fn row(self) -> &'static Row {
                &ROWS[self as usize]
            }
        }

        static ROWS: [Row; [$($name),+].len()] = [$(Row {
            name: $name,
            description: $description.trim_ascii_start(),
            kind: $kind,
            unit: $unit,
            section: $section,
            path: $path,
            per_unit: $per_unit,
            documented: metrics!(@place $($documented / $divisor)?),
        }),+];
    };
    (@place) => { None };
    (@place $documented:literal / $divisor:literal) => { Some(($documented, $divisor)) };
}

metrics! {
    /// CPU time used, on all cores together.
    CpuUsage = "cpu.usage", Counter, Nanoseconds,
        Cpu at "cpu.usage.total" / 1, documented as "cpu.usage" / 1;
    /// Threads that run or could run, smoothed by cAdvisor over 10 s.
    CpuLoad = "cpu.load", Gauge, Threads,
        Cpu at "cpu.load_average" / 1000, documented as "cpu.load" / 1;
    /// Memory charged to the container, page cache included.
    MemoryUsage = "memory.usage", Gauge, Bytes,
        Memory at "memory.usage" / 1, documented as "memory" / 1024;
    /// Bytes sent.
    NetworkTxBytes = "network.tx_bytes", Counter, Bytes,
        Network at "network.interfaces[].tx_bytes" / 1, documented as "network.tx_kb" / 1024;
    /// Bytes received.
    NetworkRxBytes = "network.rx_bytes", Counter, Bytes,
        Network at "network.interfaces[].rx_bytes" / 1, documented as "network.rx_kb" / 1024;
    /// Packets sent.
    NetworkTxPackets = "network.tx_packets", Counter, Count,
        Network at "network.interfaces[].tx_packets" / 1, documented as "network.tx_packets" / 1;
    /// Packets received.
    NetworkRxPackets = "network.rx_packets", Counter, Count,
        Network at "network.interfaces[].rx_packets" / 1, documented as "network.rx_packets" / 1;
    /// Errors while sending.
    NetworkTxErrors = "network.tx_errors", Counter, Count,
        Network at "network.interfaces[].tx_errors" / 1, documented as "network.tx_errors" / 1;
    /// Errors while receiving.
    NetworkRxErrors = "network.rx_errors", Counter, Count,
        Network at "network.interfaces[].rx_errors" / 1, documented as "network.rx_errors" / 1;
    /// Packets dropped while sending.
    NetworkTxDropped = "network.tx_dropped", Counter, Count,
        Network at "network.interfaces[].tx_dropped" / 1, documented as "network.tx_drops" / 1;
    /// Packets dropped while receiving.
    NetworkRxDropped = "network.rx_dropped", Counter, Count,
        Network at "network.interfaces[].rx_dropped" / 1, documented as "network.rx_drops" / 1;
    /// Bytes of asynchronous disk requests.
    DiskioAsync = "diskio.async", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Async" / 1, documented as "diskio.async" / 1;
    /// Bytes of synchronous disk requests.
    DiskioSync = "diskio.sync", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Sync" / 1, documented as "diskio.sync" / 1;
    /// Bytes read from disks.
    DiskioRead = "diskio.read", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Read" / 1, documented as "diskio.read" / 1;
    /// Bytes written to disks.
    DiskioWrite = "diskio.write", Counter, Bytes,
        Diskio at "diskio.io_service_bytes[].stats.Write" / 1, documented as "diskio.write" / 1;
}
