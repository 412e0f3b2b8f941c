// simdjson On-Demand over one of cAdvisor's documents: each sample's text becomes a flat struct.
// Keys are asked for in the order in which cAdvisor writes them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define COMPILED_FOR TEXT(SIMDJSON_BUILTIN_IMPLEMENTATION)

namespace od = simdjson::ondemand;

namespace {

struct Interface {
    const char *name;
    uint64_t name_length;
    uint64_t values[8];
    uint64_t present; // a bit for each value
};

struct Device {
    uint64_t major, minor;
    uint64_t values[4];
    uint64_t present;
};

enum Has : uint64_t { CPU = 1, MEMORY = 2, NETWORK = 4, DISKIO = 8, ALL = 15 };

struct Sample {
    const char *time;
    uint64_t time_length;
    uint64_t sections; // of Has
    uint64_t values[3]; // CPU, load, memory
    uint64_t present;
    uint64_t first_interface, interfaces; // in the list of all
    uint64_t first_device, devices;
};

struct Reader {
    od::parser parser;
    std::vector<Sample> samples;
    std::vector<Interface> interfaces;
    std::vector<Device> devices;
};

const char *const COUNTERS[8] = {"rx_bytes",   "rx_packets", "rx_errors", "rx_dropped",
                                 "tx_bytes",   "tx_packets", "tx_errors", "tx_dropped"};
const char *const BY_KIND[4] = {"Async", "Sync", "Read", "Write"};

template <typename Owner>
void count(od::object &from, const char *key, Owner &owner, int place) {
    uint64_t value;
    if (!from.find_field_unordered(key).get_uint64().get(value)) {
        owner.values[place] = value;
        owner.present |= uint64_t(1) << place;
    }
}

bool text(od::object &from, const char *key, const char *&start, uint64_t &length) {
    std::string_view token;
    od::value value;
    if (from.find_field_unordered(key).get(value)) return false;
    // The text of a string without escapes lies between its quotes.
    token = value.raw_json_token();
    size_t end = token.find('"', 1);
    if (token.empty() || token[0] != '"' || end == std::string_view::npos) return false;
    start = token.data() + 1;
    length = end - 1;
    return true;
}

void interface(od::object &from, Reader &reader) {
    Interface one{};
    text(from, "name", one.name, one.name_length);
    for (int n = 0; n < 8; n++) count(from, COUNTERS[n], one, n);
    reader.interfaces.push_back(one);
}

void network(od::object from, Reader &reader) {
    od::array list;
    if (!from.find_field_unordered("interfaces").get_array().get(list)) {
        for (auto entry : list) {
            od::object one;
            if (!entry.get_object().get(one)) interface(one, reader);
        }
        return;
    }
    from.reset();
    interface(from, reader);
    const Interface &top = reader.interfaces.back();
    if (top.present == 0 || (top.name && top.name_length == 0)) reader.interfaces.pop_back();
}

void diskio(od::object from, Reader &reader) {
    od::array list;
    if (from.find_field_unordered("io_service_bytes").get_array().get(list)) return;
    for (auto entry : list) {
        od::object device, stats;
        if (entry.get_object().get(device)) continue;
        Device one{};
        uint64_t number;
        if (!device.find_field_unordered("major").get_uint64().get(number)) one.major = number;
        if (!device.find_field_unordered("minor").get_uint64().get(number)) one.minor = number;
        if (!device.find_field_unordered("stats").get_object().get(stats))
            for (int n = 0; n < 4; n++) count(stats, BY_KIND[n], one, n);
        reader.devices.push_back(one);
    }
}

bool stats(od::object from, uint64_t allowed, Reader &reader) {
    Sample sample{};
    sample.first_interface = reader.interfaces.size();
    sample.first_device = reader.devices.size();
    if (!text(from, "timestamp", sample.time, sample.time_length)) return false;
    od::object section;
    if ((allowed & CPU) && !from.find_field_unordered("cpu").get_object().get(section)) {
        sample.sections |= CPU;
        od::object usage;
        if (!section.find_field_unordered("usage").get_object().get(usage))
            count(usage, "total", sample, 0);
        count(section, "load_average", sample, 1);
    }
    if ((allowed & DISKIO) && !from.find_field_unordered("diskio").get_object().get(section)) {
        sample.sections |= DISKIO;
        diskio(section, reader);
    }
    if ((allowed & MEMORY) && !from.find_field_unordered("memory").get_object().get(section)) {
        sample.sections |= MEMORY;
        count(section, "usage", sample, 2);
    }
    if ((allowed & NETWORK) && !from.find_field_unordered("network").get_object().get(section)) {
        sample.sections |= NETWORK;
        network(section, reader);
    }
    sample.interfaces = reader.interfaces.size() - sample.first_interface;
    sample.devices = reader.devices.size() - sample.first_device;
    reader.samples.push_back(sample);
    return true;
}

uint64_t flags(od::object &container) {
    const char *const keys[4] = {"has_cpu", "has_memory", "has_network", "has_diskio"};
    uint64_t allowed = ALL;
    od::object spec;
    if (container.find_field_unordered("spec").get_object().get(spec)) return allowed;
    for (int n = 0; n < 4; n++) {
        bool has;
        if (!spec.find_field_unordered(keys[n]).get_bool().get(has) && !has)
            allowed &= ~(uint64_t(1) << n);
    }
    return allowed;
}

bool document(Reader &reader, simdjson::padded_string_view text) {
    od::document whole;
    od::object containers;
    if (reader.parser.iterate(text).get(whole) || whole.get_object().get(containers)) return false;
    for (auto field : containers) {
        od::object container;
        od::array list;
        if (field.value().get_object().get(container)) return false;
        uint64_t allowed = flags(container);
        if (container.find_field_unordered("stats").get_array().get(list)) continue;
        for (auto entry : list) {
            od::object one;
            if (entry.get_object().get(one) || !stats(one, allowed, reader)) return false;
        }
    }
    return true;
}

} // namespace

extern "C" {

Reader *on_demand_new() { return new Reader; }

void on_demand_free(Reader *reader) { delete reader; }

// For what it was compiled (this file), and what the library chose at run time.
const char *on_demand_instructions() {
    static const std::string name = std::string(COMPILED_FOR) + " and " +
                                    simdjson::get_active_implementation()->name();
    return name.c_str();
}

uint64_t on_demand_padding() { return simdjson::SIMDJSON_PADDING; }

// Reads a document of which `capacity` bytes may be looked at. What it found stays until the
// reader reads again.
bool on_demand_read(Reader *reader, const uint8_t *start, uint64_t length, uint64_t capacity) {
    reader->samples.clear();
    reader->interfaces.clear();
    reader->devices.clear();
    return document(*reader, simdjson::padded_string_view(start, length, capacity));
}

const Sample *on_demand_samples(const Reader *reader, uint64_t *length) {
    *length = reader->samples.size();
    return reader->samples.data();
}

const Interface *on_demand_interfaces(const Reader *reader, uint64_t *length) {
    *length = reader->interfaces.size();
    return reader->interfaces.data();
}

const Device *on_demand_devices(const Reader *reader, uint64_t *length) {
    *length = reader->devices.size();
    return reader->devices.data();
}
}
