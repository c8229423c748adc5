-- Behind a run one line: figures REQUESTS SECONDS P50 P99 P99.9 ABOVE-399 SOCKET-ERRORS OTHERWISE-WRONG; times in µs.
-- A script that looks at answers itself counts the wrong ones in the global `wrong`.
local threads = {}
function setup(thread) table.insert(threads, thread) end

function done(summary, latency)
    local wrong, errors = 0, summary.errors
    for _, thread in ipairs(threads) do wrong = wrong + (thread:get("wrong") or 0) end
    io.write(string.format("figures %d %f %d %d %d %d %d %d\n", summary.requests, summary.duration / 1e6,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, wrong))
end
