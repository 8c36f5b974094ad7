// SPDX-License-Identifier: Apache-2.0
// Attribute names of the OpenTelemetry semantic conventions 1.44.0, and our own under
// "weft.". One place, so that a rename is one line.
#pragma once

#include "agent/base/attribute.h"

namespace weft::semconv {

inline constexpr char kSchemaUrl[] = "https://opentelemetry.io/schemas/1.44.0";

// Resource
inline constexpr Key kServiceName = "service.name";
inline constexpr Key kServiceNamespace = "service.namespace";
inline constexpr Key kServiceVersion = "service.version";
inline constexpr Key kServiceInstanceId = "service.instance.id";
inline constexpr Key kTelemetrySdkLanguage = "telemetry.sdk.language";
inline constexpr Key kTelemetrySdkName = "telemetry.sdk.name";
inline constexpr Key kTelemetrySdkVersion = "telemetry.sdk.version";
inline constexpr Key kTelemetryDistroName = "telemetry.distro.name";
inline constexpr Key kTelemetryDistroVersion = "telemetry.distro.version";
inline constexpr Key kProcessPid = "process.pid";
inline constexpr Key kProcessParentPid = "process.parent_pid";
inline constexpr Key kProcessCreationTime = "process.creation.time";
inline constexpr Key kProcessExecutableName = "process.executable.name";
inline constexpr Key kProcessExecutablePath = "process.executable.path";
inline constexpr Key kProcessBuildIdGnu = "process.executable.build_id.gnu";
inline constexpr Key kProcessBuildIdGo = "process.executable.build_id.go";
inline constexpr Key kProcessCommand = "process.command";
inline constexpr Key kProcessOwner = "process.owner";
inline constexpr Key kProcessRuntimeName = "process.runtime.name";
inline constexpr Key kProcessRuntimeVersion = "process.runtime.version";
inline constexpr Key kContainerId = "container.id";
inline constexpr Key kContainerRuntimeName = "container.runtime.name";
inline constexpr Key kHostName = "host.name";
inline constexpr Key kHostId = "host.id";
inline constexpr Key kHostArch = "host.arch";
inline constexpr Key kOsType = "os.type";
inline constexpr Key kOsName = "os.name";
inline constexpr Key kOsVersion = "os.version";
inline constexpr Key kOsDescription = "os.description";

// Network
inline constexpr Key kServerAddress = "server.address";
inline constexpr Key kServerPort = "server.port";
inline constexpr Key kClientAddress = "client.address";
inline constexpr Key kClientPort = "client.port";
inline constexpr Key kNetworkPeerAddress = "network.peer.address";
inline constexpr Key kNetworkPeerPort = "network.peer.port";
inline constexpr Key kNetworkTransport = "network.transport";
inline constexpr Key kNetworkProtocolName = "network.protocol.name";
inline constexpr Key kNetworkProtocolVersion = "network.protocol.version";
inline constexpr Key kErrorType = "error.type";

// HTTP
inline constexpr Key kHttpRequestMethod = "http.request.method";
inline constexpr Key kHttpRequestMethodOriginal = "http.request.method_original";
inline constexpr Key kHttpResponseStatusCode = "http.response.status_code";
inline constexpr Key kUrlFull = "url.full";
inline constexpr Key kUrlScheme = "url.scheme";
inline constexpr Key kUrlPath = "url.path";
inline constexpr Key kUrlQuery = "url.query";
inline constexpr Key kUserAgentOriginal = "user_agent.original";
inline constexpr Key kHttpRequestBodySize = "http.request.body.size";
inline constexpr Key kHttpResponseBodySize = "http.response.body.size";

// Database
inline constexpr Key kDbSystemName = "db.system.name";
inline constexpr Key kDbNamespace = "db.namespace";
inline constexpr Key kDbQueryText = "db.query.text";
inline constexpr Key kDbQuerySummary = "db.query.summary";
inline constexpr Key kDbOperationName = "db.operation.name";
inline constexpr Key kDbResponseStatusCode = "db.response.status_code";
inline constexpr Key kDbStoredProcedureName = "db.stored_procedure.name";

// Ours: docs/storage.md
inline constexpr Key kWalFilePath = "wal.file.path";
inline constexpr Key kWalSyncMethod = "wal.sync.method";
inline constexpr Key kWalBytes = "wal.bytes";
inline constexpr Key kWalWrites = "wal.writes";
inline constexpr Key kWalDurable = "wal.durable";
inline constexpr Key kWalEntryId = "wal.entry.id";
inline constexpr Key kWalEntryType = "wal.entry.type";
inline constexpr Key kWalEntryBackend = "wal.entry.backend";
inline constexpr Key kWalEntryStatus = "wal.entry.status";
inline constexpr Key kWalLsn = "wal.lsn";
inline constexpr Key kWalRecords = "wal.records";
inline constexpr Key kWalRecordBytes = "wal.record_bytes";
inline constexpr Key kWalPageImages = "wal.full_page_images";
inline constexpr Key kWalRecordManager = "wal.record.manager";
inline constexpr Key kWalRole = "wal.flush.role";
inline constexpr Key kWalCause = "wal.flush.cause";
inline constexpr Key kWalCheckpointMode = "wal.checkpoint.mode";
inline constexpr Key kWeftCorrelation = "weft.correlation";
inline constexpr Key kWeftIncomplete = "weft.incomplete";
inline constexpr Key kWeftOutcome = "weft.outcome";
// Lists the attributes that are absent because only part of their value was captured.
inline constexpr Key kWeftTruncated = "weft.truncated";

}  // namespace weft::semconv
