import CMicroHTTPD
import Glibc
import HTTP

/// Clients that have left without the library noticing: it does not read from a suspended connection, and version 0.9.75
/// keeps a connection whose client has closed it in the middle of a head.
extension EventLoop {
    /// To be called several times a second.
    func dropGoneClients() {
        // A head that came a moment ago may still be in the library's memory, with its sender's end behind it.
        let records = connections.values.filter { waits($0, atLeast: Self.leastWait) || $0.phase == .waiting }
        // A client that closes its sending side may still read, so a request under way ends with a reset only.
        let whileWaiting = settings.cancelsForGoneClients ? gateway_poll_closed() : 0
        var watched = records.map { record in
            pollfd(fd: record.descriptor, events: record.phase == .waiting ? whileWaiting : Int16(POLLIN), revents: 0)
        }
        guard unsafe poll(&watched, nfds_t(watched.count), 0) > 0 else { return }
        for (record, state) in zip(records, watched) where state.revents != 0 {
            if record.phase == .waiting {
                record.task?.cancel()
                // The library finds out when it sends this.
                answer(record, with: handler.answer(unavailable: .abandoned))
            } else if gateway_has_ended(record.descriptor) {
                record.drop()
            }
        }
    }
}
