// What a provider does differently, read from a preset and from the operator's table by the same
// code. Internal to daemon/config.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"
#include "config/sections.h"

namespace reeve {

// The provider while it is read.
struct ProviderDraft {
  ProviderConfig& provider;
  bool preset = false;  // what is read now is a preset file
};

// Reads the common keys over what `draft` holds. The caller finishes the reader.
void read_provider_shape(TableReader& reader, ProviderDraft& draft);

// Reads data/providers/NAME.toml into the draft, if the key `preset` of `reader` names one; errors
// that are not the file's own are that key's. False if the file could not be read.
bool read_preset(TableReader& reader, Reading& reading, ProviderDraft& draft);

// True for the parameters of the protocol itself, which no configuration sets.
bool is_protocol_parameter(const std::string& name);

}  // namespace reeve
