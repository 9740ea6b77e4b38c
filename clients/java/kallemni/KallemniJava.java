package kallemni;

import java.io.File;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.json.JSONException;
import org.json.JSONObject;

/** Client of a Kallemni service, for programs in Java. It needs OkHttp and org.json. */
public final class KallemniJava {
    /** The answer to one recording. The audio is complete MP3 data. */
    public static final class VoiceReply {
        public final String transcript;
        public final String reply;
        /** Send it with the next recording, so that the service remembers this one. */
        public final String conversation;
        /** What the service guessed or replaced, or null. */
        public final String warning;
        public final byte[] audio;

        VoiceReply(Response response) throws IOException {
            transcript = text(response, "X-Transcript");
            reply = text(response, "X-Reply");
            conversation = text(response, "X-Conversation");
            warning = text(response, "X-Warning");
            audio = response.body().bytes();
        }
    }

    /** The service refused the call. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;
        public final int status;

        RefusedException(String message, int status) {
            super(message);
            this.status = status;
        }
    }

    /** Receives what happens in a live conversation, on a background thread. */
    public interface LiveListener {
        /** The service listens now. */
        void onReady();

        /** Text heard so far in this turn. */
        void onCaption(String text);

        void onTranscript(String text);

        void onReplyText(String delta);

        /** Reply audio: mono s16le at 24 kHz. Queue it in an AudioTrack. */
        void onAudio(byte[] pcm);

        /** The user speaks over the reply: drop the queued audio, return the played milliseconds of this reply. */
        int onInterrupted();

        void onError(String message);

        void onClosed(String reason);
    }

    private final String url;
    private final String key;
    private final OkHttpClient http = new OkHttpClient.Builder()
            .readTimeout(60, TimeUnit.SECONDS)
            .pingInterval(15, TimeUnit.SECONDS)
            .build();

    /** The key may be null. */
    public KallemniJava(String url, String key) {
        this.url = url.replaceAll("/+$", "");
        this.key = key;
    }

    /** Prepares a voice chat for {@link #run}. {@code call.cancel()} stops it, also on the server. The conversation may be null. */
    public Call voiceChat(File recording, String conversation) {
        RequestBody file = RequestBody.create(recording, MediaType.get("application/octet-stream"));
        MultipartBody.Builder form = new MultipartBody.Builder()
                .setType(MultipartBody.FORM)
                .addFormDataPart("file", recording.getName(), file);
        if (conversation != null) form.addFormDataPart("conversation", conversation);
        return http.newCall(request("/v1/voice-chat").header("Accept", "audio/mpeg").post(form.build()).build());
    }

    /** Runs a voice chat. Do not call it on the main thread. */
    public VoiceReply run(Call voiceChat) throws IOException {
        try (Response response = voiceChat.execute()) {
            if (!response.isSuccessful()) throw failure(response);
            return new VoiceReply(response);
        }
    }

    /** Opens a live conversation. */
    public LiveConversation talk(LiveListener listener) {
        LiveConversation conversation = new LiveConversation(listener);
        conversation.socket = http.newWebSocket(request("/v1/realtime").build(), conversation);
        return conversation;
    }

    private Request.Builder request(String path) {
        Request.Builder request = new Request.Builder().url(url + path);
        return key == null ? request : request.header("Authorization", "Bearer " + key);
    }

    /** A plus sign is itself in a percent-encoded header, and a blank for URLDecoder. */
    private static String text(Response response, String header) throws IOException {
        String value = response.header(header);
        return value == null ? null : URLDecoder.decode(value.replace("+", "%2B"), "UTF-8");
    }

    private static RefusedException failure(Response response) throws IOException {
        String body = response.body().string();
        try {
            body = new JSONObject(body).getJSONObject("error").getString("message");
        } catch (JSONException notFromTheService) {
            // A proxy answered; its text is all there is.
        }
        return new RefusedException(body, response.code());
    }

    /** A live conversation. Send the microphone; the user may speak over the reply. */
    public static final class LiveConversation extends WebSocketListener {
        private final LiveListener listener;
        private final StringBuilder caption = new StringBuilder();
        private volatile WebSocket socket;
        private String playingItem;

        private LiveConversation(LiveListener listener) {
            this.listener = listener;
        }

        /** Takes mono s16le at 24 kHz in pieces of 20 to 100 ms. False when the connection is closed or too slow. */
        public boolean send(byte[] pcm) {
            String audio = Base64.getEncoder().encodeToString(pcm);
            return socket.send(event("input_audio_buffer.append").put("audio", audio).toString());
        }

        public void close() {
            socket.close(1000, null);
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            JSONObject transcription = new JSONObject().put("model", "whisper-1");
            JSONObject input = new JSONObject().put("transcription", transcription);
            JSONObject session = new JSONObject().put("type", "realtime").put("audio", new JSONObject().put("input", input));
            webSocket.send(event("session.update").put("session", session).toString());
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            JSONObject event = new JSONObject(text);
            switch (event.getString("type")) {
                case "session.updated":
                    listener.onReady();
                    break;
                case "input_audio_buffer.speech_started":
                    interrupt(webSocket);
                    break;
                case "conversation.item.input_audio_transcription.delta":
                    listener.onCaption(caption.append(event.getString("delta")).toString());
                    break;
                case "conversation.item.input_audio_transcription.completed":
                    caption.setLength(0);
                    listener.onTranscript(event.getString("transcript"));
                    break;
                case "response.output_audio_transcript.delta":
                    listener.onReplyText(event.getString("delta"));
                    break;
                case "response.output_audio.delta":
                    playingItem = event.getString("item_id");
                    listener.onAudio(Base64.getDecoder().decode(event.getString("delta")));
                    break;
                case "error":
                    listener.onError(event.getJSONObject("error").getString("message"));
                    break;
                default:
                    break;
            }
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(1000, null);
            listener.onClosed(reason);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable error, Response response) {
            listener.onClosed(response == null ? String.valueOf(error.getMessage()) : "refused with " + response.code());
        }

        /** The service then remembers only what the user heard. */
        private void interrupt(WebSocket webSocket) {
            if (playingItem == null) return;
            JSONObject truncate = event("conversation.item.truncate").put("item_id", playingItem).put("content_index", 0);
            playingItem = null;
            webSocket.send(truncate.put("audio_end_ms", listener.onInterrupted()).toString());
        }

        private static JSONObject event(String type) {
            return new JSONObject().put("type", type);
        }
    }
}
