//! Scratch looking glass.
use crate::head::face::Face;
use crate::maths::*;
use crate::mesh::normals_into;
use crate::raster::*;

/// Clay views.
pub fn clay(width: usize, height: usize, yaw: f32, pitch: f32, zoom: f32, cy: f32) -> Vec<[u8; 3]> {
    let face = Face::new(3);
    let turn = Rotation::from_degrees(yaw, pitch, 0.0);
    let a = |i: usize| std::env::var(["JAW","SMILE","PUCKER","BU","BD","BLINK","GP"][i]).ok().and_then(|s| s.parse().ok()).unwrap_or(0.0);
    let act = crate::Performance { jaw_open: a(0), smile: a(1), pucker: a(2), brow_up: a(3), brow_down: a(4), blink_right: a(5), blink_left: a(5), gaze_pitch: a(6), ..Default::default() };
    let mut pts = vec![Vec3::ZERO; face.rest.len()];
    face.pose_into(&act, &mut pts);
    let mut tris = face.triangles.clone();
    let mut add = |piece: crate::head::inner::Piece, jaw: f32| { let f = pts.len() as u32; pts.extend(piece.points.iter().map(|&p| crate::head::face::swing_jaw(p, jaw * act.jaw_open))); tris.extend(piece.triangles.iter().map(|t| t.map(|i| i + f))); };
    use crate::head::inner::*;
    add(eyeballs(32), 0.0); add(teeth(true), 0.0); add(teeth(false), 1.0); add(tongue(), 1.0); add(hollow(), 0.5);
    let pts: Vec<Vec3> = pts.iter().map(|&p| turn.apply(p)).collect();
    let mut n = vec![Vec3::ZERO; pts.len()];
    normals_into(&pts, &tris, &mut n);
    let view = View::Camera { eye: v(0.0, cy, 100.0), focal: zoom * 100.0, middle: [width as f32 * 0.5, height as f32 * 0.5] };
    let proj: Vec<Projected> = pts.iter().map(|&p| view.project(p)).collect();
    let mut r = Raster::new(width, height);
    r.draw(&proj, &tris, 0, false);
    let light = v(-0.5, 0.6, 0.7).unit();
    let mut out = vec![[30u8, 30, 40]; width * height];
    for i in 0..width * height {
        if r.label[i] == NOTHING { continue; }
        let t = tris[r.label[i] as usize].map(|k| k as usize);
        let w = weights(t.map(|k| proj[k]), (i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        let mut nn = (n[t[0]] * w[0] + n[t[1]] * w[1] + n[t[2]] * w[2]).unit();
        let back = nn.z < 0.0;
        if back { nn = -nn; }
        let d = nn.dot(light).max(0.0) * 0.6 + 0.2 + 0.15 * (nn.dot(v(0.6, 0.2, 0.8)) + 0.3).max(0.0);
        let c = pow(d.clamp(0.0, 1.0), 0.6) * 235.0;
        out[i] = if back { [(c * 0.3) as u8, (c * 0.3) as u8, c as u8] } else { [c as u8, (c * 0.93) as u8, (c * 0.86) as u8] };
    }
    out
}

/// Beauty.
pub fn beauty(width: usize, height: usize, yaw: f32, zoom: f32, cy: f32) -> Vec<[u8; 3]> {
    use crate::figure::*;
    let t0 = std::time::Instant::now();
    let mut f = Figure::new(Detail { face: 3, eye: 64, hair: crate::head::hair::Fineness { locks: 220, length: 56, around: 6 }, trunk: (260, 220) });
    eprintln!("build ms {:?}", t0.elapsed());
    let a = |i: usize| std::env::var(["JAW","SMILE","PUCKER","BU","BD","BLINK","GP","GY","PITCH","ROLL"][i]).ok().and_then(|s| s.parse().ok()).unwrap_or(0.0);
    let act = crate::Performance { yaw, pitch: a(8), roll: a(9), jaw_open: a(0), smile: a(1), pucker: a(2), brow_up: a(3), brow_down: a(4), blink_right: a(5), blink_left: a(5), gaze_pitch: a(6), gaze_yaw: a(7) };
    f.pose(&act, yaw * 2.0);
    let key = v(-0.62, 0.62, 0.62);
    let lamps = crate::light::studio(100, key, 0.42, [v(1.0, 0.90, 0.72) * 4.6, v(0.30, 0.33, 0.36) * 0.28, v(0.30, 0.2, 0.12) * 0.3]);
    let light = crate::shot::receive(&f, &lamps, 768);
    eprintln!("light ms {:?}", t0.elapsed());
    let view = View::Camera { eye: v(0.0, 0.0, 180.0), focal: zoom * 180.0, middle: [width as f32 * 0.5, height as f32 * 0.5 + cy * zoom] };
    let shot = crate::shot::take(&f, &light, &view, (width, height), key);
    eprintln!("shot ms {:?}", t0.elapsed());
    shot.colour.iter().zip(&shot.stuff).map(|(c, s)| { let c = if s.is_none() { v(0.035, 0.035, 0.03) } else { *c }; let g = c.map(|k| { let k = k * 1.0; let k = k * (1.0 + k * 0.4) / (1.0 + k * 0.6); pow(k.clamp(0.0, 1.0), 1.0 / 2.2) * 255.0 }); [g.x as u8, g.y as u8, g.z as u8] }).collect()
}
