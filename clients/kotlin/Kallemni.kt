package kallemni

import java.io.File
import java.io.IOException
import java.net.URLDecoder
import java.util.Base64
import java.util.concurrent.TimeUnit
import okhttp3.Call
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.MultipartBody
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.asRequestBody
import okhttp3.Response
import okhttp3.WebSocket
import okhttp3.WebSocketListener
import org.json.JSONObject

/** The answer to one recording. [audio] is complete MP3 data. */
class VoiceReply(
    val transcript: String,
    val reply: String,
    /** Send it with the next recording, so that the service remembers this one. */
    val conversation: String?,
    val warning: String?,
    val audio: ByteArray,
)

/** The service refused the call. [message] says why; [retryAfterSeconds] is set when the call may work later. */
class KallemniException(message: String, val status: Int, val retryAfterSeconds: Int?) : IOException(message)

/** Client of a Kallemni service. [url] is its base address, for instance `https://voice.example`. */
class Kallemni(private val url: String, private val key: String? = null) {
    private val http = OkHttpClient.Builder()
        .readTimeout(60, TimeUnit.SECONDS)
        .pingInterval(15, TimeUnit.SECONDS)
        .build()

    /** Prepares a voice chat. Run it with [run] off the main thread; `call.cancel()` stops it, also on the server. */
    fun voiceChat(recording: File, conversation: String? = null): Call {
        val form = MultipartBody.Builder().setType(MultipartBody.FORM)
            .addFormDataPart("file", recording.name, recording.asRequestBody("application/octet-stream".toMediaType()))
        if (conversation != null) form.addFormDataPart("conversation", conversation)
        return http.newCall(request("/v1/voice-chat").header("Accept", "audio/mpeg").post(form.build()).build())
    }

    fun run(voiceChat: Call): VoiceReply = voiceChat.execute().use { response ->
        if (!response.isSuccessful) throw failure(response)
        VoiceReply(
            transcript = text(response, "X-Transcript") ?: "",
            reply = text(response, "X-Reply") ?: "",
            conversation = text(response, "X-Conversation"),
            warning = text(response, "X-Warning"),
            audio = response.body!!.bytes(),
        )
    }

    /** Opens a live conversation. The methods of [listener] run on a background thread. */
    fun talk(listener: LiveListener, instructions: String? = null): LiveConversation =
        LiveConversation(http, request("/v1/realtime").build(), listener, instructions)

    private fun request(path: String) = Request.Builder().url(url.trimEnd('/') + path)
        .apply { if (key != null) header("Authorization", "Bearer $key") }

    // A plus sign is itself in a percent-encoded header, and a blank for URLDecoder.
    private fun text(response: Response, header: String): String? =
        response.header(header)?.let { URLDecoder.decode(it.replace("+", "%2B"), "UTF-8") }

    private fun failure(response: Response): KallemniException {
        val body = response.body!!.string()
        val message = runCatching { JSONObject(body).getJSONObject("error").getString("message") }.getOrDefault(body)
        return KallemniException(message, response.code, response.header("Retry-After")?.toIntOrNull())
    }
}

interface LiveListener {
    /** The service listens now. */
    fun onReady() {}
    /** Text heard so far in this turn. */
    fun onCaption(text: String) {}
    fun onTranscript(text: String) {}
    fun onReplyText(delta: String) {}
    /** Reply audio: mono s16le at 24 kHz. Queue it in an AudioTrack. */
    fun onAudio(pcm: ByteArray)
    /** The user speaks over the reply: drop the queued audio and return how many milliseconds of this reply were played. */
    fun onInterrupted(): Int
    fun onError(message: String) {}
    fun onClosed(reason: String) {}
}

/** A live conversation. Send the microphone with [send]; the user may speak over the reply. */
class LiveConversation internal constructor(
    http: OkHttpClient,
    request: Request,
    private val listener: LiveListener,
    private val instructions: String?,
) : WebSocketListener() {
    private val socket: WebSocket = http.newWebSocket(request, this)
    private val caption = StringBuilder()
    private var playingItem: String? = null

    /** [pcm] is mono s16le at 24 kHz; pieces of 20 to 100 ms are best. False when the connection is closed or too slow. */
    fun send(pcm: ByteArray): Boolean =
        socket.send(event("input_audio_buffer.append").put("audio", Base64.getEncoder().encodeToString(pcm)).toString())

    fun close() {
        socket.close(1000, null)
    }

    override fun onOpen(webSocket: WebSocket, response: Response) {
        val session = JSONObject().put("type", "realtime")
            .put("audio", JSONObject().put("input", JSONObject().put("transcription", JSONObject().put("model", "whisper-1"))))
        if (instructions != null) session.put("instructions", instructions)
        webSocket.send(event("session.update").put("session", session).toString())
    }

    override fun onMessage(webSocket: WebSocket, text: String) {
        val event = JSONObject(text)
        when (event.getString("type")) {
            "session.updated" -> listener.onReady()
            "input_audio_buffer.speech_started" -> interrupt()
            "conversation.item.input_audio_transcription.delta" ->
                listener.onCaption(caption.append(event.getString("delta")).toString())
            "conversation.item.input_audio_transcription.completed" -> {
                caption.clear()
                listener.onTranscript(event.getString("transcript"))
            }
            "response.output_audio_transcript.delta" -> listener.onReplyText(event.getString("delta"))
            "response.output_audio.delta" -> {
                playingItem = event.getString("item_id")
                listener.onAudio(Base64.getDecoder().decode(event.getString("delta")))
            }
            "error" -> listener.onError(event.getJSONObject("error").getString("message"))
        }
    }

    override fun onClosing(webSocket: WebSocket, code: Int, reason: String) {
        webSocket.close(1000, null)
        listener.onClosed(reason)
    }

    override fun onFailure(webSocket: WebSocket, t: Throwable, response: Response?) {
        listener.onClosed(response?.let { "refused with ${it.code}" } ?: t.message ?: "connection lost")
    }

    /** The service then remembers only what the user heard. */
    private fun interrupt() {
        val item = playingItem ?: return
        playingItem = null
        val truncate = event("conversation.item.truncate").put("item_id", item).put("content_index", 0)
        socket.send(truncate.put("audio_end_ms", listener.onInterrupted()).toString())
    }

    private fun event(type: String) = JSONObject().put("type", type)
}
