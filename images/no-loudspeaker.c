/* Stands in for libpcaudio in the image: every device is absent. espeak-ng writes to a pipe and never asks for one. */
#include <stddef.h>

void *create_audio_device_object(const char *device, const char *application, const char *description) { return NULL; }
int audio_object_open(void *object, int format, unsigned rate, unsigned char channels) { return -1; }
void audio_object_close(void *object) {}
void audio_object_destroy(void *object) {}
int audio_object_write(void *object, const void *data, size_t bytes) { return -1; }
int audio_object_drain(void *object) { return -1; }
int audio_object_flush(void *object) { return -1; }
const char *audio_object_strerror(void *object, int error) { return "this image plays no sound"; }
