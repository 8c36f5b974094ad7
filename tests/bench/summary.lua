-- SPDX-License-Identifier: Apache-2.0
-- wrk's figures on one line: requests, seconds, 99th percentile in µs, errors.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("figures %d %.6f %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(99), e.connect + e.read + e.write + e.timeout + e.status))
end
