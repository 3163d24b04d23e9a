"""What an artist would hack: MediaPipe's FaceMesh moves a painting with OpenCV's remap.

peer.py PAINTING CLIP HEIGHT: plays the clip to the painting, HEIGHT pixels high, and prints
frames, frames with a face, and CPU milliseconds a frame for finding the face, for moving the paint,
and for the whole loop with reading the clip.
The displacements of the visitor's landmarks are spread over a coarse grid and read bilinearly.
"""
import sys
import time

try:
    import cv2
    import mediapipe
    import numpy as np
    from scipy.interpolate import LinearNDInterpolator
except ImportError as error:
    sys.exit(f"{error}; pip install mediapipe opencv-python-headless scipy")

painting, clip, height = sys.argv[1], sys.argv[2], int(sys.argv[3])
picture = cv2.imread(painting)
if picture is None:
    sys.exit(f"{painting} cannot be read")
picture = cv2.resize(
    picture, (picture.shape[1] * height // picture.shape[0], height), interpolation=cv2.INTER_AREA
)
rows, columns = picture.shape[:2]
FaceMesh = mediapipe.solutions.face_mesh.FaceMesh


def points(result, width, height):
    if not result.multi_face_landmarks:
        return None
    marks = result.multi_face_landmarks[0].landmark
    return np.array([(mark.x * width, mark.y * height) for mark in marks])


with FaceMesh(static_image_mode=True, max_num_faces=1) as mesh:
    rest = points(mesh.process(picture[:, :, ::-1].copy()), columns, rows)
if rest is None:
    sys.exit("no face was found in the painting")
low, high = rest.min(0), rest.max(0)
middle, reach = (low + high) / 2, 1.1 * (high - low).max()
x0, y0 = np.maximum(0, middle - reach).astype(int)
x1, y1 = np.minimum((columns, rows), middle + reach).astype(int)
frame_points = [
    (x0 + (x1 - x0) * u, y0 + (y1 - y0) * v)
    for u in np.linspace(0, 1, 9)
    for v in np.linspace(0, 1, 9)
    if u in (0, 1) or v in (0, 1)
]
source = np.vstack([rest, frame_points])
grid = np.meshgrid(np.linspace(x0, x1 - 1, 64), np.linspace(y0, y1 - 1, 64))
across, down = np.meshgrid(
    np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
)

capture = cv2.VideoCapture(clip)
if not capture.isOpened():
    sys.exit(f"{clip} cannot be read")
frames, found, finding, moving, neutral = 0, 0, 0.0, 0.0, None
start = time.process_time()
with FaceMesh(static_image_mode=False, max_num_faces=1) as mesh:
    while True:
        good, frame = capture.read()
        if not good:
            break
        began = time.process_time()
        visitor = points(mesh.process(frame[:, :, ::-1].copy()), frame.shape[1], frame.shape[0])
        seen = time.process_time()
        finding += seen - began
        shown = picture.copy()
        if visitor is not None:
            found += 1
            # Relative to the first frame, at the painted face's size.
            visitor = (visitor - visitor.mean(0)) / np.ptp(visitor[:, 0])
            neutral = visitor if neutral is None else neutral
            moved = rest + (visitor - neutral) * np.ptp(rest[:, 0])
            target = np.vstack([moved, frame_points])
            flow = LinearNDInterpolator(target, source - target)(*grid)
            flow = cv2.resize(np.nan_to_num(flow).astype(np.float32), (x1 - x0, y1 - y0))
            shown[y0:y1, x0:x1] = cv2.remap(
                picture, across + flow[..., 0], down + flow[..., 1], cv2.INTER_LINEAR
            )
        moving += time.process_time() - seen
        frames += 1
whole = time.process_time() - start
if frames == 0:
    sys.exit(f"{clip} has no frames")
print(frames, found, *(1000 * seconds / frames for seconds in (finding, moving, whole)))
