-- SPDX-License-Identifier: Apache-2.0
-- wrk with a unique path a request, stopping after a count:
--   wrk -t1 -cN -dT -s wrk.lua URL -- PREFIX COUNT
-- Says "enough" on stdout then, and "answered N" at the end: wrk itself sleeps for all of T, unless
-- SIGINT wakes it. Up to N connections are cut while a request is under way.
local sent, answered = 0, 0

function init(args)
  prefix, limit = args[1], tonumber(args[2])
end

function request()
  sent = sent + 1
  return wrk.format("GET", string.format("%s/%d/ok", prefix, sent))
end

function response()
  answered = answered + 1
  if answered == limit then
    wrk.thread:stop()
    io.write("enough\n")
    io.flush()
  end
end

function done(summary)
  io.write(string.format("answered %d errors %d\n", summary.requests,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
