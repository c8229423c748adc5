extension Row {
    static let streams = [
        Row("an event stream arrives event by event") { visit in
            let response = try await visit.send(.init(path: "/events?count=4"), patience: 15)
            let first = response.firstByteSeconds ?? .infinity
            let holds = response.status == 200 && response.body.contains("data: 3") && first < response.seconds - 1.5
            return Cell(holds ? "at once" : "\(first) s of \(response.seconds) s", holds)
        },
        Row("RT-125 an event stream of 17 s", isLong: true) { visit in
            let response = try await visit.send(.init(path: "/events"), patience: 40)
            let holds = response.status == 200 && response.body.contains("data: 16") && response.error == nil
            return Cell(holds ? "whole" : "cut after \(response.seconds) s", holds)
        },
        Row("RT-125 an answer after 65 s", isLong: true) { visit in
            let response = try await visit.send(.init(path: "/long?seconds=65"), patience: 90)
            return Cell(response.status, response.status == 200 && response.body == "long")
        },
    ]
}
