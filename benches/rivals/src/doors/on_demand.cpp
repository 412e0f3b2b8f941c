// simdjson On-Demand over documents of the other JSON doors: what samples would be made of is added
// up as it is read. Keys are asked for in the order in which the sources write them.

#include <cstdint>
#include <string_view>

#include <simdjson.h>

namespace od = simdjson::ondemand;
using std::string_view;

namespace {

// In the order of METRICS in on_demand.rs.
enum Metric {
    CPU_USAGE, CPU_USER, CPU_SYSTEM, CFS_PERIODS, CFS_THROTTLED_PERIODS, CFS_THROTTLED_TIME,
    CPU_SOME, CPU_FULL,
    MEMORY_USAGE, WORKING_SET, RSS, CACHE, SWAP, MAPPED_FILE, MAX_USAGE, ACTIVE_FILE, INACTIVE_FILE,
    FAILURES, PAGE_FAULTS, MAJOR_PAGE_FAULTS, MEMORY_SOME, MEMORY_FULL,
    THREADS, THREADS_MAX, PROCESSES,
    TX_BYTES, RX_BYTES, TX_PACKETS, RX_PACKETS, TX_ERRORS, RX_ERRORS, TX_DROPPED, RX_DROPPED,
    READ, WRITE, SYNC, ASYNC, DISCARD, READ_OPS, WRITE_OPS, SYNC_OPS, ASYNC_OPS, DISCARD_OPS,
    IO_SOME, IO_FULL,
    DISK_USAGE, BASE_USAGE, CAPACITY, AVAILABLE, INODES, INODES_FREE,
    METRICS
};

struct Tally {
    uint64_t samples, readings, sum;
};

struct Sums {
    const uint64_t *weights;
    Tally *tally;

    void sample(uint64_t nanos) {
        tally->samples++;
        tally->sum += nanos;
    }

    void set(Metric metric, uint64_t value) {
        tally->readings++;
        tally->sum += value * weights[metric];
    }
};

struct Reader {
    od::parser parser;
    uint64_t weights[METRICS];
    // So that texts that no sum is made of are read all the same.
    uint64_t lengths = 0;

    void text(simdjson::simdjson_result<od::value> value) { lengths += string_view(value).size(); }
};

// None of the keys has escapes.
bool is(od::raw_json_string key, string_view name) { return key.unsafe_is_equal(name); }

uint64_t number(string_view text, size_t start, size_t length) {
    uint64_t number = 0;
    for (char digit : text.substr(start, length)) number = number * 10 + uint64_t(digit - '0');
    return number;
}

// Nanoseconds since the epoch of a time such as 2026-11-21T12:00:00.122032222Z.
uint64_t nanos(string_view text) {
    int64_t year = int64_t(number(text, 0, 4)), month = int64_t(number(text, 5, 2));
    int64_t day = int64_t(number(text, 8, 2));
    // Years begin in March, so that the day of a leap year is the last.
    if (month <= 2) year--, month += 12;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day - 719469;
    uint64_t seconds = uint64_t(days) * 86400 + number(text, 11, 2) * 3600 + number(text, 14, 2) * 60 + number(text, 17, 2);
    uint64_t fraction = 0, places = text.size() > 20 ? text.size() - 21 : 0;
    if (places) fraction = number(text, 20, places);
    for (; places < 9; places++) fraction *= 10;
    return seconds * 1000000000 + fraction;
}

void set(od::object &from, string_view key, Metric metric, Sums &sums) {
    sums.set(metric, uint64_t(from.find_field(key)));
}

// The Engine's stats.

void cpu(od::object stats, Sums &sums) {
    od::object usage = stats.find_field("cpu_usage");
    set(usage, "total_usage", CPU_USAGE, sums);
    set(usage, "usage_in_kernelmode", CPU_SYSTEM, sums);
    set(usage, "usage_in_usermode", CPU_USER, sums);
    od::object throttling = stats.find_field("throttling_data");
    set(throttling, "periods", CFS_PERIODS, sums);
    set(throttling, "throttled_periods", CFS_THROTTLED_PERIODS, sums);
    set(throttling, "throttled_time", CFS_THROTTLED_TIME, sums);
}

void devices(od::array entries, Metric first, Reader &reader, Sums &sums) {
    const string_view operations[5] = {"Read", "Write", "Sync", "Async", "Discard"};
    for (od::object entry : entries) {
        reader.lengths += uint64_t(entry.find_field("major")) + uint64_t(entry.find_field("minor"));
        string_view operation = entry.find_field("op");
        for (int n = 0; n < 5; n++)
            if (operation == operations[n]) {
                set(entry, "value", Metric(first + n), sums);
                break;
            }
    }
}

void memory(od::object memory, Sums &sums) {
    struct { string_view key; Metric metric; bool optional; } const wanted[] = {
        {"pgfault", PAGE_FAULTS, false},
        {"pgmajfault", MAJOR_PAGE_FAULTS, false},
        {"total_active_file", ACTIVE_FILE, false},
        {"total_cache", CACHE, false},
        {"total_inactive_file", INACTIVE_FILE, false},
        {"total_mapped_file", MAPPED_FILE, false},
        {"total_rss", RSS, false},
        {"total_swap", SWAP, true},
    };
    uint64_t usage = 0, failures = 0, inactive = 0;
    for (auto field : memory) {
        od::raw_json_string key = field.key();
        if (is(key, "usage")) {
            usage = uint64_t(field.value());
        } else if (is(key, "max_usage")) {
            sums.set(MAX_USAGE, uint64_t(field.value()));
        } else if (is(key, "failcnt")) {
            failures = uint64_t(field.value());
        } else if (is(key, "stats")) {
            size_t next = 0;
            for (auto one : od::object(field.value())) {
                if (next == std::size(wanted)) break;
                od::raw_json_string key = one.key();
                size_t found = next;
                while (!is(key, wanted[found].key) && wanted[found].optional && found + 1 < std::size(wanted)) found++;
                if (!is(key, wanted[found].key)) continue;
                uint64_t value = uint64_t(one.value());
                if (wanted[found].metric == INACTIVE_FILE) inactive = value;
                sums.set(wanted[found].metric, value);
                next = found + 1;
            }
        }
    }
    sums.set(MEMORY_USAGE, usage);
    sums.set(WORKING_SET, usage > inactive ? usage - inactive : 0);
    sums.set(FAILURES, failures);
}

void engine(od::object stats, Reader &reader, Sums &sums) {
    sums.sample(nanos(stats.find_field("read")));
    sums.sample(nanos(stats.find_field("preread")));
    od::object pids = stats.find_field("pids_stats");
    set(pids, "current", THREADS, sums);
    set(pids, "limit", THREADS_MAX, sums);
    od::object blkio = stats.find_field("blkio_stats");
    devices(blkio.find_field("io_service_bytes_recursive"), READ, reader, sums);
    devices(blkio.find_field("io_serviced_recursive"), READ_OPS, reader, sums);
    cpu(stats.find_field("cpu_stats"), sums);
    cpu(stats.find_field("precpu_stats"), sums);
    memory(stats.find_field("memory_stats"), sums);
    reader.text(stats.find_field("name"));
    reader.text(stats.find_field("id"));
    for (auto field : od::object(stats.find_field("networks"))) {
        reader.lengths += string_view(field.unescaped_key()).size();
        od::object interface = field.value();
        set(interface, "rx_bytes", RX_BYTES, sums);
        set(interface, "rx_packets", RX_PACKETS, sums);
        set(interface, "rx_errors", RX_ERRORS, sums);
        set(interface, "rx_dropped", RX_DROPPED, sums);
        set(interface, "tx_bytes", TX_BYTES, sums);
        set(interface, "tx_packets", TX_PACKETS, sums);
        set(interface, "tx_errors", TX_ERRORS, sums);
        set(interface, "tx_dropped", TX_DROPPED, sums);
    }
}

// The kubelet's summary.

void pressure(od::object psi, Metric some, Metric full, Sums &sums) {
    sums.set(full, uint64_t(psi.find_field("full").find_field("total")));
    sums.set(some, uint64_t(psi.find_field("some").find_field("total")));
}

uint64_t disk(od::object disk, bool counts, Sums &sums) {
    uint64_t available = disk.find_field("availableBytes"), capacity = disk.find_field("capacityBytes");
    uint64_t used = disk.find_field("usedBytes");
    uint64_t inodes_free = disk.find_field("inodesFree"), inodes = disk.find_field("inodes");
    if (counts) {
        sums.set(AVAILABLE, available);
        sums.set(CAPACITY, capacity);
        sums.set(INODES_FREE, inodes_free);
        sums.set(INODES, inodes);
    }
    return used;
}

void interfaces(od::array interfaces, Reader &reader, Sums &sums) {
    for (od::object interface : interfaces) {
        reader.text(interface.find_field("name"));
        set(interface, "rxBytes", RX_BYTES, sums);
        set(interface, "rxErrors", RX_ERRORS, sums);
        set(interface, "txBytes", TX_BYTES, sums);
        set(interface, "txErrors", TX_ERRORS, sums);
    }
}

void subject(od::object from, Reader &reader, Sums &sums) {
    uint64_t rootfs = 0;
    for (auto field : from) {
        od::raw_json_string key = field.key();
        if (is(key, "name")) {
            reader.text(field.value());
        } else if (is(key, "podRef")) {
            od::object pod = field.value();
            reader.text(pod.find_field("name"));
            reader.text(pod.find_field("namespace"));
            reader.text(pod.find_field("uid"));
        } else if (is(key, "cpu")) {
            od::object cpu = field.value();
            sums.sample(nanos(cpu.find_field("time")));
            set(cpu, "usageCoreNanoSeconds", CPU_USAGE, sums);
            pressure(cpu.find_field("psi"), CPU_SOME, CPU_FULL, sums);
        } else if (is(key, "memory")) {
            od::object memory = field.value();
            set(memory, "usageBytes", MEMORY_USAGE, sums);
            set(memory, "workingSetBytes", WORKING_SET, sums);
            set(memory, "rssBytes", RSS, sums);
            set(memory, "pageFaults", PAGE_FAULTS, sums);
            set(memory, "majorPageFaults", MAJOR_PAGE_FAULTS, sums);
            pressure(memory.find_field("psi"), MEMORY_SOME, MEMORY_FULL, sums);
        } else if (is(key, "io")) {
            od::object io = field.value();
            pressure(io.find_field("psi"), IO_SOME, IO_FULL, sums);
        } else if (is(key, "swap")) {
            od::object swap = field.value();
            set(swap, "swapUsageBytes", SWAP, sums);
        } else if (is(key, "network")) {
            od::object network = field.value();
            interfaces(network.find_field("interfaces"), reader, sums);
        } else if (is(key, "rootfs")) {
            rootfs = disk(field.value(), true, sums);
            sums.set(BASE_USAGE, rootfs);
        } else if (is(key, "logs")) {
            sums.set(DISK_USAGE, rootfs + disk(field.value(), false, sums));
        } else if (is(key, "ephemeral-storage") || is(key, "fs")) {
            sums.set(DISK_USAGE, disk(field.value(), true, sums));
        } else if (is(key, "process_stats")) {
            od::object processes = field.value();
            set(processes, "process_count", PROCESSES, sums);
        } else if (is(key, "containers") || is(key, "systemContainers")) {
            for (od::object inner : od::array(field.value())) subject(inner, reader, sums);
        }
    }
}

void summary(od::object whole, Reader &reader, Sums &sums) {
    subject(whole.find_field("node"), reader, sums);
    for (od::object pod : od::array(whole.find_field("pods"))) subject(pod, reader, sums);
}

// OTLP JSON of docker_stats.

struct Attribute {
    string_view key, value;
};

// Reads up to four attributes, which is more than any data point has.
size_t attributes(od::array list, Attribute (&into)[4], Reader &reader) {
    size_t count = 0;
    for (od::object attribute : list) {
        string_view key = attribute.find_field("key");
        string_view value = attribute.find_field("value").find_field("stringValue");
        reader.lengths += key.size() + value.size();
        if (count < 4) into[count++] = {key, value};
    }
    return count;
}

Metric own(string_view name) {
    if (name == "container.cpu.usage.total") return CPU_USAGE;
    if (name == "container.cpu.usage.usermode") return CPU_USER;
    if (name == "container.cpu.usage.kernelmode") return CPU_SYSTEM;
    if (name == "container.memory.usage.total") return WORKING_SET;
    if (name == "container.memory.total_cache") return CACHE;
    if (name == "container.memory.total_rss") return RSS;
    if (name == "container.pids.count") return THREADS;
    if (name == "container.network.io.usage.rx_bytes") return RX_BYTES;
    if (name == "container.network.io.usage.tx_bytes") return TX_BYTES;
    if (name == "container.network.io.usage.rx_dropped") return RX_DROPPED;
    if (name == "container.network.io.usage.tx_dropped") return TX_DROPPED;
    return METRICS;
}

void point(od::object from, string_view name, bool &first, Reader &reader, Sums &sums) {
    Attribute found[4];
    size_t count = 0;
    uint64_t value = 0;
    for (auto field : from) {
        od::raw_json_string key = field.key();
        if (is(key, "attributes")) {
            count = attributes(field.value(), found, reader);
        } else if (is(key, "timeUnixNano")) {
            uint64_t time = field.value().get_uint64_in_string();
            if (first) sums.sample(time);
            first = false;
        } else if (is(key, "asInt")) {
            value = field.value().get_uint64_in_string();
        }
    }
    if (Metric metric = own(name); metric != METRICS) {
        sums.set(metric, value);
    } else if (name == "container.blockio.io_service_bytes_recursive") {
        for (size_t n = 0; n < count; n++)
            if (found[n].key == "operation") sums.set(found[n].value == "read" ? READ : WRITE, value);
    }
}

void otlp(od::object request, Reader &reader, Sums &sums) {
    for (od::object resource : od::array(request.find_field("resourceMetrics"))) {
        Attribute names[4];
        bool first = true;
        attributes(resource.find_field("resource").find_field("attributes"), names, reader);
        for (od::object scoped : od::array(resource.find_field("scopeMetrics"))) {
            od::object scope = scoped.find_field("scope");
            reader.text(scope.find_field("name"));
            reader.text(scope.find_field("version"));
            for (od::object metric : od::array(scoped.find_field("metrics"))) {
                string_view name = metric.find_field("name");
                od::object sum = metric.find_field("sum");
                for (od::object one : od::array(sum.find_field("dataPoints"))) point(one, name, first, reader, sums);
                reader.lengths += uint64_t(sum.find_field("aggregationTemporality"));
            }
        }
    }
}

} // namespace

extern "C" {

Reader *doors_new(const uint64_t *weights, uint64_t count) {
    if (count != METRICS) return nullptr;
    Reader *reader = new Reader;
    for (int n = 0; n < METRICS; n++) reader->weights[n] = weights[n];
    return reader;
}

void doors_free(Reader *reader) { delete reader; }

uint64_t doors_padding() { return simdjson::SIMDJSON_PADDING; }

// For what it was compiled.
const char *doors_instructions() {
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
    return TEXT(SIMDJSON_BUILTIN_IMPLEMENTATION) ", simdjson " SIMDJSON_VERSION;
}

// Adds what a document of door 0 (Engine), 1 (summary) or 2 (OTLP) says to `tally`. `capacity` bytes
// of it may be looked at.
bool doors_read(Reader *reader, int door, const uint8_t *start, uint64_t length, uint64_t capacity, Tally *tally) {
    try {
        Sums sums{reader->weights, tally};
        od::document document = reader->parser.iterate(simdjson::padded_string_view(start, length, capacity));
        od::object whole = document.get_object();
        if (door == 0) engine(whole, *reader, sums);
        else if (door == 1) summary(whole, *reader, sums);
        else otlp(whole, *reader, sums);
        return true;
    } catch (const simdjson::simdjson_error &) {
        return false;
    }
}
}
