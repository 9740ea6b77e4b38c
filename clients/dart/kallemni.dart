// Client of a Kallemni service for Flutter and Dart 3. It needs no package. On the web, use clients/react-native/kallemni.ts.
// Not compiled by the project's tests: no Dart compiler is available to them.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

/// The answer to one recording. [audio] is complete MP3 data.
class VoiceReply {
  VoiceReply(this.transcript, this.reply, this.conversation, this.warning, this.audio);

  final String transcript;
  final String reply;

  /// Send it with the next recording, so that the service remembers this one.
  final String? conversation;
  final String? warning;
  final Uint8List audio;
}

/// The service refused the call; [message] says why.
class KallemniException implements Exception {
  KallemniException(this.message, this.status);

  final String message;
  final int status;

  @override
  String toString() => 'KallemniException($status): $message';
}

/// [url] is the base address of the service, for instance `https://voice.example`.
class Kallemni {
  Kallemni(this.url, {this.key});

  final Uri url;
  final String? key;

  Map<String, String> get _headers => {if (key != null) 'authorization': 'Bearer $key'};

  /// Sends a recording and returns the spoken answer. Complete [cancel] to cancel it, also on the server.
  Future<VoiceReply> voiceChat(Uint8List recording, String name, {String? conversation, Future<void>? cancel}) async {
    final client = HttpClient();
    unawaited(cancel?.then((_) => client.close(force: true)));
    try {
      final boundary = 'kallemni-${DateTime.now().microsecondsSinceEpoch}';
      final body = BytesBuilder()
        ..add(utf8.encode('--$boundary\r\nContent-Disposition: form-data; name="file"; filename="$name"\r\n'
            'Content-Type: application/octet-stream\r\n\r\n'))
        ..add(recording);
      if (conversation != null) {
        body.add(utf8.encode('\r\n--$boundary\r\nContent-Disposition: form-data; name="conversation"\r\n\r\n$conversation'));
      }
      body.add(utf8.encode('\r\n--$boundary--\r\n'));
      final request = await client.postUrl(url.resolve('/v1/voice-chat'));
      _headers.forEach(request.headers.set);
      request.headers.set('accept', 'audio/mpeg');
      request.headers.set('content-type', 'multipart/form-data; boundary=$boundary');
      request.contentLength = body.length;
      request.add(body.takeBytes());
      return await _read(await request.close());
    } finally {
      client.close();
    }
  }

  /// Opens a live conversation.
  Future<LiveConversation> talk(LiveListener listener) async {
    final address = url.replace(scheme: url.scheme == 'http' ? 'ws' : 'wss', path: '/v1/realtime');
    return LiveConversation._(await WebSocket.connect('$address', headers: _headers), listener);
  }

  Future<VoiceReply> _read(HttpClientResponse response) async {
    final bytes = BytesBuilder();
    await response.forEach(bytes.add);
    final body = bytes.takeBytes();
    if (response.statusCode != 200) throw _failure(response.statusCode, utf8.decode(body, allowMalformed: true));
    String? text(String header) {
      final value = response.headers.value(header);
      return value == null ? null : Uri.decodeComponent(value);
    }

    return VoiceReply(
        text('x-transcript') ?? '', text('x-reply') ?? '', text('x-conversation'), text('x-warning'), body);
  }

  KallemniException _failure(int status, String body) {
    try {
      final error = (jsonDecode(body) as Map<String, dynamic>)['error'] as Map<String, dynamic>;
      return KallemniException(error['message'] as String, status);
    } on Object {
      return KallemniException(body, status);
    }
  }
}

/// Receives what happens in a live conversation.
abstract class LiveListener {
  /// The service listens now.
  void onReady() {}

  /// Text heard so far in this turn.
  void onCaption(String text) {}
  void onTranscript(String text) {}
  void onReplyText(String delta) {}

  /// Reply audio: mono s16le at 24 kHz. Queue it in the player.
  void onAudio(Uint8List pcm);

  /// The user speaks over the reply: drop the queued audio and return the played milliseconds of this reply.
  int onInterrupted();
  void onError(String message) {}
  void onClosed(String reason) {}
}

/// A live conversation. Send the microphone; the user may speak over the reply.
class LiveConversation {
  LiveConversation._(this._socket, this._listener) {
    _send({
      'type': 'session.update',
      'session': {
        'type': 'realtime',
        'audio': {
          'input': {
            'transcription': {'model': 'whisper-1'}
          }
        }
      }
    });
    _socket.listen(_receive, onDone: () => _listener.onClosed(_socket.closeReason ?? 'closed'));
  }

  final WebSocket _socket;
  final LiveListener _listener;
  String _caption = '';
  String? _playingItem;

  /// Takes mono s16le at 24 kHz, in pieces of 20 to 100 ms.
  void send(Uint8List pcm) => _send({'type': 'input_audio_buffer.append', 'audio': base64Encode(pcm)});

  Future<void> close() => _socket.close();

  void _send(Map<String, dynamic> event) => _socket.add(jsonEncode(event));

  void _receive(dynamic message) {
    final event = jsonDecode(message as String) as Map<String, dynamic>;
    switch (event['type'] as String) {
      case 'session.updated':
        _listener.onReady();
      case 'input_audio_buffer.speech_started':
        _interrupt();
      case 'conversation.item.input_audio_transcription.delta':
        _caption += event['delta'] as String;
        _listener.onCaption(_caption);
      case 'conversation.item.input_audio_transcription.completed':
        _caption = '';
        _listener.onTranscript(event['transcript'] as String);
      case 'response.output_audio_transcript.delta':
        _listener.onReplyText(event['delta'] as String);
      case 'response.output_audio.delta':
        _playingItem = event['item_id'] as String;
        _listener.onAudio(base64Decode(event['delta'] as String));
      case 'error':
        _listener.onError((event['error'] as Map<String, dynamic>)['message'] as String);
    }
  }

  /// The service then remembers only what the user heard.
  void _interrupt() {
    final item = _playingItem;
    if (item == null) return;
    _playingItem = null;
    _send({
      'type': 'conversation.item.truncate',
      'item_id': item,
      'content_index': 0,
      'audio_end_ms': _listener.onInterrupted(),
    });
  }
}
