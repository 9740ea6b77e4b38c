// Client of a Kallemni service for iOS 15 and macOS 12 or newer. It needs no package.
// Not compiled by the project's tests: no Swift compiler is available to them.
import Foundation

/// The answer to one recording. `audio` is complete MP3 data.
public struct VoiceReply {
    public let transcript: String
    public let reply: String
    /// Send it with the next recording, so that the service remembers this one.
    public let conversation: String?
    public let warning: String?
    public let audio: Data
}

/// The service refused the call; `message` says why.
public struct KallemniError: LocalizedError {
    public let status: Int
    public let message: String
    public var errorDescription: String? { message }
}

public struct Kallemni {
    let url: URL
    let key: String?

    public init(url: URL, key: String? = nil) {
        self.url = url
        self.key = key
    }

    /// Sends a recording and returns the spoken answer. Cancel the surrounding task to cancel it, also on the server.
    public func voiceChat(_ recording: Data, name: String, conversation: String? = nil) async throws -> VoiceReply {
        let boundary = UUID().uuidString
        var body = Data()
        body.append("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n")
        body.append("Content-Type: application/octet-stream\r\n\r\n")
        body.append(recording)
        if let conversation {
            body.append("\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"conversation\"\r\n\r\n\(conversation)")
        }
        body.append("\r\n--\(boundary)--\r\n")
        var request = self.request("v1/voice-chat", scheme: nil)
        request.httpMethod = "POST"
        request.setValue("multipart/form-data; boundary=\(boundary)", forHTTPHeaderField: "Content-Type")
        request.setValue("audio/mpeg", forHTTPHeaderField: "Accept")
        let (audio, response) = try await URLSession.shared.upload(for: request, from: body)
        guard let http = response as? HTTPURLResponse, http.statusCode == 200 else {
            throw Self.failure(response, audio)
        }
        func text(_ header: String) -> String? { http.value(forHTTPHeaderField: header)?.removingPercentEncoding }
        return VoiceReply(
            transcript: text("X-Transcript") ?? "",
            reply: text("X-Reply") ?? "",
            conversation: text("X-Conversation"),
            warning: text("X-Warning"),
            audio: audio
        )
    }

    /// Opens a live conversation.
    public func talk(_ listener: LiveListener) -> LiveConversation {
        let scheme = url.scheme == "http" ? "ws" : "wss"
        return LiveConversation(request: request("v1/realtime", scheme: scheme), listener: listener)
    }

    func request(_ path: String, scheme: String?) -> URLRequest {
        var parts = URLComponents(url: url.appendingPathComponent(path), resolvingAgainstBaseURL: false)!
        if let scheme { parts.scheme = scheme }
        var request = URLRequest(url: parts.url!)
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        return request
    }

    static func failure(_ response: URLResponse, _ body: Data) -> KallemniError {
        struct Body: Decodable {
            struct Details: Decodable { let message: String }
            let error: Details
        }
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        let message = (try? JSONDecoder().decode(Body.self, from: body))?.error.message
        return KallemniError(status: status, message: message ?? String(decoding: body, as: UTF8.self))
    }
}

/// Receives what happens in a live conversation, on a background queue.
public protocol LiveListener: AnyObject {
    /// The service listens now.
    func onReady()
    /// Text heard so far in this turn.
    func onCaption(_ text: String)
    func onTranscript(_ text: String)
    func onReplyText(_ delta: String)
    /// Reply audio: mono s16le at 24 kHz. Schedule it on an AVAudioPlayerNode.
    func onAudio(_ pcm: Data)
    /// The user speaks over the reply: drop the queued audio and return the played milliseconds of this reply.
    func onInterrupted() -> Int
    func onError(_ message: String)
    func onClosed(_ reason: String)
}

/// A live conversation. Send the microphone; the user may speak over the reply.
public final class LiveConversation {
    private let socket: URLSessionWebSocketTask
    private weak var listener: LiveListener?
    private var caption = ""
    private var playingItem: String?

    init(request: URLRequest, listener: LiveListener) {
        self.listener = listener
        socket = URLSession.shared.webSocketTask(with: request)
        socket.maximumMessageSize = 16 * 1024 * 1024
        socket.resume()
        let audio = ["input": ["transcription": ["model": "whisper-1"]]]
        send(["type": "session.update", "session": ["type": "realtime", "audio": audio]])
        receive()
    }

    /// Takes mono s16le at 24 kHz, in pieces of 20 to 100 ms.
    public func send(_ pcm: Data) {
        send(["type": "input_audio_buffer.append", "audio": pcm.base64EncodedString()])
    }

    public func close() {
        socket.cancel(with: .normalClosure, reason: nil)
    }

    private func send(_ event: [String: Any]) {
        guard let data = try? JSONSerialization.data(withJSONObject: event) else { return }
        // A failure also ends `receive`, which reports it.
        socket.send(.string(String(decoding: data, as: UTF8.self))) { _ in }
    }

    private func receive() {
        socket.receive { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(.string(let text)):
                self.handle(text)
                self.receive()
            case .success:
                self.receive()
            case .failure(let error):
                self.listener?.onClosed(error.localizedDescription)
            }
        }
    }

    private func handle(_ text: String) {
        guard let event = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any],
              let type = event["type"] as? String else { return }
        let delta = event["delta"] as? String ?? ""
        switch type {
        case "session.updated":
            listener?.onReady()
        case "input_audio_buffer.speech_started":
            interrupt()
        case "conversation.item.input_audio_transcription.delta":
            caption += delta
            listener?.onCaption(caption)
        case "conversation.item.input_audio_transcription.completed":
            caption = ""
            listener?.onTranscript(event["transcript"] as? String ?? "")
        case "response.output_audio_transcript.delta":
            listener?.onReplyText(delta)
        case "response.output_audio.delta":
            playingItem = event["item_id"] as? String
            if let pcm = Data(base64Encoded: delta) { listener?.onAudio(pcm) }
        case "error":
            listener?.onError((event["error"] as? [String: Any])?["message"] as? String ?? "")
        default:
            break
        }
    }

    /// The service then remembers only what the user heard.
    private func interrupt() {
        guard let item = playingItem, let listener else { return }
        playingItem = nil
        send([
            "type": "conversation.item.truncate", "item_id": item, "content_index": 0,
            "audio_end_ms": listener.onInterrupted(),
        ])
    }
}

private extension Data {
    mutating func append(_ text: String) {
        append(Data(text.utf8))
    }
}
