package kallemni

import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.system.exitProcess
import org.json.JSONObject

private const val BYTES_PER_100_MS = 4_800
private const val DEADLINE_SECONDS = 60L

/** Prints one JSON line per event, for the test that starts this program: `URL kotlin|java voice-chat|live FILE [KEY]`. */
fun main(arguments: Array<String>) {
    val (url, language, call, file) = arguments
    val key = arguments.getOrNull(4)
    when ("$language $call") {
        "kotlin voice-chat" -> kotlinVoiceChat(Kallemni(url, key), File(file))
        "java voice-chat" -> javaVoiceChat(KallemniJava(url, key), File(file))
        "kotlin live" -> kotlinLive(Kallemni(url, key), File(file))
        "java live" -> javaLive(KallemniJava(url, key), File(file))
        else -> error("unknown call: $language $call")
    }
    exitProcess(0)
}

@Synchronized
private fun show(event: String, value: Any?) = println(JSONObject().put("event", event).put("value", value))

private fun kotlinVoiceChat(client: Kallemni, recording: File) = try {
    val answer = client.run(client.voiceChat(recording))
    show("transcript", answer.transcript)
    show("reply", answer.reply)
    show("audio", answer.audio.size)
} catch (refused: KallemniException) {
    show("refused", "${refused.status} ${refused.message}")
}

private fun javaVoiceChat(client: KallemniJava, recording: File) = try {
    val answer = client.run(client.voiceChat(recording, null))
    show("transcript", answer.transcript)
    show("reply", answer.reply)
    show("audio", answer.audio.size)
} catch (refused: KallemniJava.RefusedException) {
    show("refused", "${refused.status} ${refused.message}")
}

/** Prints all events; `ended` receives a value when the program has seen enough. */
private class Recorder : LiveListener, KallemniJava.LiveListener {
    val ended = LinkedBlockingQueue<String>()
    private var audioBytes = 0

    override fun onReady() = show("ready", null)

    override fun onCaption(text: String) = show("caption", text)

    override fun onTranscript(text: String) {
        show("transcript", text)
    }

    override fun onReplyText(delta: String) = show("reply", delta)

    override fun onAudio(pcm: ByteArray) {
        if (audioBytes == 0) show("first_audio", pcm.size)
        audioBytes += pcm.size
    }

    override fun onInterrupted(): Int {
        show("interrupted", audioBytes)
        ended.put("interrupted")
        return 100
    }

    override fun onError(message: String) = show("error", message)

    override fun onClosed(reason: String) {
        show("closed", reason)
        ended.put("closed")
    }
}

/** Sends the recording (raw s16le at 24 kHz) in real time, then silence until the reply was interrupted or the end. */
private fun stream(recording: File, recorder: Recorder, send: (ByteArray) -> Boolean) {
    val audio = recording.readBytes()
    for (start in audio.indices step BYTES_PER_100_MS) {
        send(audio.copyOfRange(start, minOf(start + BYTES_PER_100_MS, audio.size)))
        if (recorder.ended.poll(100, TimeUnit.MILLISECONDS) != null) return
    }
    recorder.ended.poll(DEADLINE_SECONDS, TimeUnit.SECONDS)
}

private fun kotlinLive(client: Kallemni, recording: File) {
    val recorder = Recorder()
    val conversation = client.talk(recorder)
    stream(recording, recorder, conversation::send)
    conversation.close()
}

private fun javaLive(client: KallemniJava, recording: File) {
    val recorder = Recorder()
    val conversation = client.talk(recorder)
    stream(recording, recorder, conversation::send)
    conversation.close()
}
